// SPDX-License-Identifier: Apache-2.0

/// The log of a simulated kernel: lines for people.
public struct KernelLog: Sendable {
  /// How much a line matters.
  public enum Level: Hashable, Sendable {
    /// What happens, step by step.
    case debug
    /// What a person should look at.
    case warning
  }

  private let write: (@Sendable (Level, String) -> Void)?

  /// Hands each line to `write`, from any thread.
  public init(write: @escaping @Sendable (Level, String) -> Void) {
    self.write = write
  }

  private init() {
    write = nil
  }

  /// Lines go nowhere, and aren't made.
  public static let none = KernelLog()

  func debug(_ line: @autoclosure () -> String) {
    write?(.debug, line())
  }

  func warning(_ line: @autoclosure () -> String) {
    write?(.warning, line())
  }
}
