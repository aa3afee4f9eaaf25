// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ClockDoctor
import ELF
import Launcher
import VDSOResolver

/// `demo-loader doctor`: why this machine's clocks are fast or slow, and what to do.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain why this machine's clock is fast or slow, and what demo-loader can do here.",
    discussion: """
      doctor measures each clock call through the C library and as a system call. It finds out which calls enter the kernel by \
      making each one in a child process under a filter that forbids system calls.

      Then doctor starts a program in each way that the kernel, a container or this user's rights may forbid, and prints \
      why a way doesn't work. Everything together takes a fraction of a second.

      The exit status is 0 if the kernel's vDSO serves every call that it is meant to serve, and 2 if one of them makes a system call.

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
    let report = DoctorReport(facts: facts, diagnosis: Diagnosis(facts), sessions: SessionTrials.run())
    print(json ? try JSONTree(report).text() : report.text(TextStyle.ofStandardOutput))
    if report.diagnosis.isSlow { throw ExitCode(2) }
  }
}
