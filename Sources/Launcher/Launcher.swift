// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import ELF
import ExecEngine
import Glibc
import VirtualTime

/// Starts programs on our own pages.
public enum Launcher {
  /// Replaces this process by the program, or prints the reason why it can't and exits as a shell would.
  ///
  /// `describe` makes lines for standard error from the auxiliary vector that the program will find.
  public static func run(_ options: RunOptions, describe: ((ProgramVector) -> [String])? = nil) -> Never {
    do throws(StartError) {
      try start(Start(options, describe: describe))
    } catch {
      // Exit status 127 means that the program isn't found.
      let meant = error.exitStatus == 127 ? Subcommand.like(options.program.text) : nil
      StandardError.print(
        "demo-loader: \(error.description)\(meant.map { "; or was \"demo-loader \($0)\" meant?" } ?? "")")
      exit(error.exitStatus)
    }
  }

  private static func start(_ start: Start) throws(StartError) -> Never {
    do throws(StartError) {
      try startOrReturn(start)
    } catch {
      start.control?.close()
      throw error
    }
  }

  private static func startOrReturn(_ start: Start) throws(StartError) -> Never {
    let options = start.options
    try AddressRandomization.set(options.randomizesAddresses, for: options.optionThatSetsAddresses)
    let isChanged = start.supervisor == nil && (options.vdso != .kernel || start.describe != nil)
    // Engine load rarely needs a child.
    if isChanged, options.engine != .load, CallPermissions.childrenAreElsewhere { try leaveAlone(start, .namespace) }
    let obstacle = options.engine == .load ? .loading : try tryToExecute(start)
    if let call = start.permissions.forbiddenForLoading { try leaveAlone(start, .sandbox(call: call)) }
    try load(start, obstacle)
  }

  /// Returns only if the program is to be loaded instead, with the reason.
  private static func tryToExecute(_ start: Start) throws(StartError) -> FollowingObstacle {
    let options = start.options
    // A program on the kernel's page, or on that of an outer session, needs no call but execve.
    let isChanged = start.supervisor == nil && (options.vdso != .kernel || start.describe != nil)
    if isChanged, let call = start.permissions.forbiddenForTracing {
      guard options.engine == .auto else { throw StartError(SandboxError(call: call, option: "--engine exec")) }
      return .sandbox(call: call)
    }
    let obstacle = try execute(start)
    guard options.engine == .auto else { throw StartError(obstacle) }
    if options.verbose {
      StandardError.print("demo-loader: engine exec is not possible here: \(obstacle.description)")
    }
    return .tracing(obstacle)
  }

  /// Executes the program unchanged, if this process can't give it a page, or a filter would kill this process for the calls that this
  /// needs.
  static func leaveAlone(_ start: Start, _ obstacle: FollowingObstacle) throws(StartError) -> Never {
    let options = start.options
    guard options.engine == .auto else {
      if case .sandbox(let call) = obstacle { throw StartError(SandboxError(call: call, option: "--engine load")) }
      throw StartError(FollowingError(option: "--engine", obstacle: obstacle))
    }
    guard options.control == nil else { throw StartError(FollowingError(option: "--control", obstacle: obstacle)) }
    try refuseToGoWithoutFollowing(options, obstacle)
    let time = options.hasOtherTime ? " and sees the host's time" : ""
    StandardError.print(
      "demo-loader: \(options.program.text.escapingControls) stays on the kernel's page\(time): \(obstacle)")
    try executeUnchanged(start)
  }
}
