// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The kinds of attempts that `make trust` counts. Each line that a test prints says how many attempts of one kind have done no harm.
public enum Tally: String {
  case attacks = "attacks refused"
  case faults = "faults injected"
  case reads = "lock reads checked"
  case instructions = "instructions unwound from"
  case attachments = "attaches and detaches checked"
  case nestings = "inner sessions checked"
  case containers = "starts in containers checked"

  /// Prints a line that `Scripts/trust` counts.
  public func report(_ count: Int, _ what: String) {
    print("trust: \(count) \(rawValue): \(what)")
  }

  /// How often a test is to do what it does once in its short form.
  public static func rounds(_ count: Int) -> Int { isLong ? count : 1 }

  /// Whether the long forms of tests are requested: all faults, a billion reads.
  public static let isLong = ProcessInfo.processInfo.environment["TRUST"] == "long"
}
