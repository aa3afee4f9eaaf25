// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import VDSOResolver

/// `demo-loader resolve`: where each call goes, why, and what it costs here.
struct Resolve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show where each call goes, why, and what it costs.",
    discussion: """
      Without options, resolve examines the vDSO of its own process. It measures the cost of each call, and finds out whether \
      a function makes a system call by calling it under a filter that forbids system calls.

      The exit status is 0 if every call that Linux's vDSO serves on the architecture is served without a system call, 2 if \
      one isn't, and 1 if nothing could be read.

      Examples:
        demo-loader resolve
        demo-loader resolve --self-check --json
        demo-loader resolve --pid 1
      """)

  @OptionGroup var source: ImageSource

  @Flag(
    help:
      "First compare the results of each function with the kernel's, and replace a function that differs by the system call."
  )
  var selfCheck = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if selfCheck && !source.isThisProcess {
      throw ValidationError(
        "--self-check calls the functions of this process: omit FILE, --pid and --core.")
    }
  }

  func run() throws {
    let report = try Failure.reported(subject: source.subject) { try read() }
    print(json ? try JSONTree(report).text() : report.table)
    if report.calls.contains(where: \.isSlow) { throw ExitCode(2) }
  }

  private func read() throws -> ResolveReport {
    guard source.isThisProcess else { return ResolveReport(try image()) }
    let vdso = VDSO.current()
    if selfCheck { vdso.selfCheck() }
    return ResolveReport(current: vdso)
  }

  /// A process without a usable image is not an error here: its calls trap.
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
