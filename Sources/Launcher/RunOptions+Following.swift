// SPDX-License-Identifier: Apache-2.0

import ELF
import ExecEngine
import TimePages

extension RunOptions {
  /// Whether programs that the first one executes would otherwise see something other than it does, by a page whose time comes
  /// from `source`.
  func isFollowingDue(_ source: ClockSource) -> Bool {
    let hasOtherPage =
      switch vdso {
      case .ours: source != .host
      case .none, .file: true
      case .kernel: false
      }
    return hasOtherTime || hasOtherPage
  }

  /// Whether the program may see another time than the host's.
  var hasOtherTime: Bool { time != nil || control != nil || answersCalls }

  /// The option that says whether addresses are random, as people give it.
  var optionThatSetsAddresses: String {
    isDeterministic ? "--deterministic" : randomizesAddresses == true ? "--aslr" : "--no-aslr"
  }

  /// The option that can't do without following, as people give it; nil if the program may run without.
  var optionThatTakesFollowing: String? {
    if isDeterministic { return "--deterministic" }
    if strict == true { return "--strict" }
    if answersCalls { return "a step in --time" }
    return follow == true ? "--follow" : nil
  }

  /// What the user reads where programs that the first one executes aren't followed, though they should be; nil if it wasn't
  /// requested, or --no-follow was given.
  func warning(of obstacle: FollowingObstacle, _ source: ClockSource) -> String? {
    guard follow != false, isFollowingDue(source) else { return nil }
    let name = program.text.escapingControls
    if let supervisor = OuterSession.currentSupervisor {
      return
        "demo-loader: programs that \(name) executes belong to the session of process \(supervisor): \(obstacle); "
        + "pass --no-follow if this is intended"
    }
    let files = movesFileTimes ? ", and file times are the host's" : ""
    let effect =
      hasOtherTime
      ? "programs that \(name) executes will see the host's time, and so will system calls and absolute deadlines that bypass the page"
        + files
      : "programs that \(name) executes will get the kernel's vDSO"
    return "demo-loader: \(effect): \(obstacle); pass --no-follow if this is intended"
  }
}
