// SPDX-License-Identifier: Apache-2.0

import ELF
import ExecEngine
import ProcessAttachment
import TimePages

/// Whether what an attached process executes is followed, and what people read about that.
struct AttachedFollowing {
  private let options: AttachOptions
  private let source: ClockSource
  /// The processes, by number.
  private let targets: [AttachTarget]
  /// Whether it is to be.
  let isPossible: Bool

  init(_ options: AttachOptions, _ targets: [AttachTarget], _ source: ClockSource) {
    (self.options, self.targets, self.source) = (options, targets, source)
    let isDue = options.optionThatNeedsFilter != nil || (options.follow == nil && Self.isDue(options, source))
    // By itself only where the processes lose nothing.
    isPossible =
      isDue && (options.follow == true || targets.contains { $0.hasSessionsFilter || $0.mayFilterCalls })
  }

  /// Whether programs that it executes would see something else.
  private static func isDue(_ options: AttachOptions, _ source: ClockSource) -> Bool {
    options.asRunOptions.isFollowingDue(source)
  }

  /// What is said after attaching.
  ///
  /// Programs that are executed later are attached to if their namespace `isWatched`.
  func lines(_ attached: [AttachedProcess], isWatched: Bool, isVerbose: Bool) -> [String] {
    attached.flatMap { lines($0, isWatched, isVerbose: isVerbose) }
  }

  private func lines(_ attached: AttachedProcess, _ isWatched: Bool, isVerbose: Bool) -> [String] {
    let process = "demo-loader: process \(attached.process)"
    var lines: [String] = []
    if isVerbose {
      lines.append(
        "\(process): our \(attached.is32Bit ? "i386 " : "")page at \(hexadecimal(attached.header)), clock source \(source.rawValue); \(Self.stop(attached))"
      )
    }
    if attached.mayHaveGoneBack {
      lines.append(
        "\(process): its monotonic clocks may have gone back, because the machine was too busy to stop its threads in time"
      )
    }
    let follows = isPossible && attached.filterFailure == nil
    let target = targets.first { $0.process == attached.process }
    if follows, let target, !target.hasSessionsFilter, !target.mayFilterCalls {
      lines.append(
        "\(process) gains no rights by execve from now on, for good: it has no CAP_SYS_ADMIN, so following sets no_new_privs (sudo and su in it fail)"
      )
    }
    if !follows, options.follow == nil, Self.isDue(options, source) {
      let what =
        isWatched
        ? "programs that it executes read the kernel's clocks until they are attached to, and system calls always do"
        : options.time == nil
          ? "programs that it executes get the kernel's vDSO"
          : "programs that it executes and system calls that bypass the page see the host's time"
      let why =
        attached.filterFailure ?? FilterInstallation.takesRights
      lines.append("\(process): \(what): \(why)")
    }
    return lines
  }

  /// What is said after detaching.
  static func linesAfterDetaching(_ attached: AttachedProcess, isVerbose: Bool) -> [String] {
    let process = "demo-loader: process \(attached.process)"
    var lines = isVerbose ? ["\(process) is detached; \(stop(attached))"] : []
    if attached.hasSessionsFilter {
      let answers =
        attached.remainingSupervisor.map { "process \($0) answers with the host's time until no process has it" }
        ?? "no supervisor was found that answers it"
      lines.append("\(process) keeps a seccomp filter, which can't be taken off: \(answers)")
    }
    return lines
  }

  private static func stop(_ attached: AttachedProcess) -> String {
    let microseconds = attached.stopTime / 1000
    let thousandths = "\(microseconds % 1000 + 1000)".dropFirst()
    let threads = attached.threadCount == 1 ? "its thread was" : "its \(attached.threadCount) threads were"
    return "\(threads) stopped for \(microseconds / 1000).\(thousandths) ms"
  }
}
