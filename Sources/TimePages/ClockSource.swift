// SPDX-License-Identifier: Apache-2.0

/// The source of a page's time: a clock source, as the kernel calls it, or a mode without one.
public enum ClockSource: String, CaseIterable, Sendable {
  /// The host kernel's own function, and then the clock's map. The page needs no updates.
  case host
  /// The cycle counter, disciplined by a timekeeper.
  case tsc
  /// Time as of the timekeeper's last tick.
  case tick
  /// A constant.
  case fixed
  /// The cycle counter if it can be trusted, else the host.
  case auto
}
