// SPDX-License-Identifier: Apache-2.0

/// Where a page's time comes from: what the kernel calls a clock source, and the modes without one.
public enum ClockSource: String, CaseIterable, Sendable {
  /// The host kernel's own function, then the clock's map: nothing to keep fresh.
  case host
  /// The cycle counter, disciplined by a timekeeper.
  case tsc
  /// Time as of the timekeeper's last tick.
  case tick
  /// A constant.
  case fixed
  /// The cycle counter if there is one to be trusted, else the host.
  case auto
}
