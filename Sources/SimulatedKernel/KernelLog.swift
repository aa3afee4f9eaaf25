// SPDX-License-Identifier: Apache-2.0

/// The log of a simulated kernel: lines for people.
public struct KernelLog: Sendable {
  /// The importance of a line.
  public enum Level: Hashable, Sendable {
    /// A step of normal operation.
    case debug
    /// Something that a person should look at.
    case warning
  }

  private let write: (@Sendable (Level, String) -> Void)?

  /// Passes each line to `write`, from any thread.
  public init(write: @escaping @Sendable (Level, String) -> Void) {
    self.write = write
  }

  private init() {
    write = nil
  }

  /// A log that discards lines without making them.
  public static let none = KernelLog()

  func debug(_ line: @autoclosure () -> String) {
    write?(.debug, line())
  }

  func warning(_ line: @autoclosure () -> String) {
    write?(.warning, line())
  }
}
