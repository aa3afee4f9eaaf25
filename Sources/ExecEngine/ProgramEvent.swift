// SPDX-License-Identifier: Apache-2.0

public import AuxvLoader

/// The outcome of a program's execution for its vDSO.
public struct ProgramEvent: Sendable {
  public enum Change: Sendable {
    /// The program's vDSO is at the address; 0 if it was removed.
    case given(header: UInt64)
    /// The program keeps the kernel's vDSO, for the given reason.
    case left(String)
    /// The program was not executed, for the given reason.
    case refused(String)
    /// System calls of the program that should be answered are left to the kernel, for the given reason.
    case passed(String)
  }

  /// The process's id in the supervisor's PID namespace.
  public var process: Int32
  /// Whether it is the process that the session was started in.
  public var isSessions = false
  /// Whether the user gets a message in any case.
  public var isAlwaysPrinted = false
  public var change: Change
  /// The auxiliary vector that the program finds, if it could be read.
  public var vector: AuxiliaryVector?
  /// The code page that the program was given.
  public var code: [UInt8]?

  /// Whether the program keeps the kernel's vDSO.
  public var isLeft: Bool { if case .left = change { true } else { false } }
}
