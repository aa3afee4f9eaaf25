// SPDX-License-Identifier: Apache-2.0

import ELF
import ExecEngine
import TimePages

extension RunOptions {
  /// Whether programs that the first one executes would otherwise see something other than the first one does. `source` is the clock source
  /// of its page.
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

  /// The option that says whether addresses are random, as users write it.
  var optionThatSetsAddresses: String {
    isDeterministic ? "--deterministic" : randomizesAddresses == true ? "--aslr" : "--no-aslr"
  }

  /// The option that requires following, as users write it; nil if the program may run without following.
  var optionThatTakesFollowing: String? {
    if isDeterministic { return "--deterministic" }
    if strict == true { return "--strict" }
    if answersCalls { return "a step in --time" }
    return follow == true ? "--follow" : nil
  }

  /// The message for the case that programs which the first one executes should be followed but can't be; nil if following wasn't needed,
  /// or with --no-follow.
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
