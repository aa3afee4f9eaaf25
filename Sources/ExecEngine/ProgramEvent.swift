// SPDX-License-Identifier: Apache-2.0

public import AuxvLoader

/// What happened to the vDSO of a program that was executed.
public struct ProgramEvent: Sendable {
  public enum Change: Sendable {
    /// The program's is at the address, 0 if it has none any more.
    case given(header: UInt64)
    /// The program keeps the kernel's, and why.
    case left(String)
    /// The program was not executed, and why.
    case refused(String)
    /// System calls of it are the kernel's that should be answered, and why.
    case passed(String)
  }

  /// The process, as the supervisor sees it.
  public var process: Int32
  /// Whether it is the process that the session was started in.
  public var isSessions = false
  /// Whether the user is to read of it in any case.
  public var isAlwaysTold = false
  public var change: Change
  /// The auxiliary vector that the program finds, where it could be read.
  public var vector: AuxiliaryVector?
  /// The code page that the program was given.
  public var code: [UInt8]?

  /// Whether the program keeps the kernel's.
  public var isLeft: Bool { if case .left = change { true } else { false } }
}
