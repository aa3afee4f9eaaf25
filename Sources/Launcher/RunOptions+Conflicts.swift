// SPDX-License-Identifier: Apache-2.0

import TimePages
public import VirtualTime

/// Two options exclude each other.
public struct ConflictError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
}

/// The times of files can't follow the program's time.
struct FileTimesError: Error, Hashable, CustomStringConvertible {
  var description: String {
    "--file-times needs a date that goes at the host's rate: with a rate, or a clock that stands or steps, no file time would be "
      + "right; omit it, or pass an offset or a start date, as in --time +3d"
  }
}

extension RunOptions {
  /// Sets the time that the program sees, which clocks show it, and whether every run is the same. All other options must be set before.
  ///
  /// Throws if these settings, or any two options, exclude each other.
  public mutating func setTime(
    _ specification: TimeSpecification?, scope: VirtualClock.Scope?, isDeterministic: Bool
  ) throws(ConflictError) {
    let hasTime = specification != nil || control != nil || isDeterministic
    if let conflict = conflict(hasTime: hasTime, scope, isDeterministic) { throw ConflictError(description: conflict) }
    setTime(specification, scope: scope)
    if isDeterministic { try makeDeterministic() }
    if let conflict { throw ConflictError(description: conflict) }
  }

  private func conflict(hasTime: Bool, _ scope: VirtualClock.Scope?, _ isDeterministic: Bool) -> String? {
    if scope != nil && !hasTime {
      return "--clock selects the clocks that --time changes: pass --time too, as in --time x10 --clock all."
    }
    if strict != nil && !hasTime {
      return "--strict needs --time: pass it too, as in --time x10 --strict."
    }
    if setsHostClock && !hasTime {
      return "--host-settime needs --time: pass it too, as in --time +3d --host-settime."
    }
    if movesFileTimes && !hasTime {
      return "--file-times needs --time: pass it too, as in --time +3d --file-times."
    }
    if isDeterministic && scope == .realtime {
      return "--deterministic changes all clocks: omit --clock, or pass --clock all."
    }
    if hasTime && !vdso.hasTimePage {
      return "--time, --control and --deterministic need our page: omit --vdso, or pass --vdso ours."
    }
    return nil
  }

  private var conflict: String? {
    if follow == false && (isDeterministic || answersCalls) {
      return
        "--strict, --deterministic and step clocks intercept system calls, which --no-follow turns off: omit --no-follow or those options"
    }
    if !vdso.hasTimePage && clockSource != .host {
      return "--clock-source needs our page: omit it, or omit --vdso"
    }
    if isDeterministic && clockSource != .host {
      return "--deterministic has a clock of its own: omit --clock-source"
    }
    if strict == false && isDeterministic {
      return "--deterministic intercepts system calls, which --no-strict turns off: omit --no-strict"
    }
    guard movesFileTimes else { return nil }
    if !correctsCalls {
      return "--file-times intercepts system calls, which --no-follow and --no-strict turn off: omit them"
    }
    if clockSource == .fixed || time.map({ $0.specification.flow != .running }) == true {
      return FileTimesError().description
    }
    return nil
  }
}
