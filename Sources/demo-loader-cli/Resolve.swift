import ArgumentParser
import VDSOResolver

/// `demo-loader resolve`: where each call goes, why, and what it costs here.
struct Resolve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say where each call goes, why, and what it costs.",
    discussion: """
      Without options it is about this process: costs are measured here and now, and each function is called once where \
      system calls are forbidden, which shows whether it makes one.

      Exit status: 0 where every call that Linux's vDSO serves on the architecture is served without a trap, 2 where one \
      traps, 1 where nothing could be read.

      Examples:
        demo-loader resolve
        demo-loader resolve --self-check --json
        demo-loader resolve --pid 1
      """)

  @OptionGroup var source: ImageSource

  @Flag(help: "Compare the functions of this process with the kernel first; one that lies goes to the trap.")
  var selfCheck = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if selfCheck && !source.isThisProcess {
      throw ValidationError(
        "--self-check calls functions: it is for this process alone, without --pid, --core, --file.")
    }
  }

  func run() throws {
    let report = try Failure.reported(subject: source.subject) { try read() }
    print(json ? try JSONText.encode(report) : report.table)
    if report.calls.contains(where: \.isSlow) { throw ExitCode(2) }
  }

  private func read() throws -> ResolveReport {
    guard source.isThisProcess else { return ResolveReport(try image()) }
    let vdso = VDSO.current()
    if selfCheck { vdso.selfCheck() }
    return ResolveReport(current: vdso)
  }

  /// A process without a usable image is no error here: its calls trap.
  private func image() throws -> Result<VDSOImage, TrapReason> {
    do {
      return .success(try source.image())
    } catch VDSOSourceError.image(let reason) {
      return .failure(reason)
    } catch let reason as TrapReason {
      return .failure(reason)
    }
  }
}
