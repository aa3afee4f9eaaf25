import ArgumentParser
import ClockDoctor
import ELF
import Launcher
import VDSOResolver

/// `demo-loader doctor`: why this machine's clocks are fast or slow, and what to do.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say why this machine's clock is fast or slow, and what to do.",
    discussion: """
      What the calls cost is measured here and now, by the C library and by traps; which of them enter the kernel is seen by a \
      filter against system calls, in a child process for each.

      Exit status: 0 where every call that the kernel's vDSO is meant to serve is served, 2 where one traps.

      Examples:
        demo-loader doctor
        demo-loader doctor --json
      """)

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let image = try? VDSOImage.current()
    var facts = ClockFacts.readHere(vdso: image.map { $0.object.symbols.soname ?? "without a name" })
    facts.calls = CallCosts.measured()
    facts.counterModeNanoseconds = CallCosts.counterMode(host: image)
    let report = DoctorReport(facts: facts, diagnosis: Diagnosis(facts))
    print(json ? try JSONText.encode(report) : report.text(TextStyle.ofStandardOutput))
    if report.diagnosis.isSlow { throw ExitCode(2) }
  }
}
