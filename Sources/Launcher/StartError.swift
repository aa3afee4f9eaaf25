// SPDX-License-Identifier: Apache-2.0

import ELF
public import ProgramLoader

/// Why a program can't be started: a line for people, and the exit status. As with env(1) and timeout(1), it is 127 if the program isn't
/// found, 126 if it can't be executed, and `ownFailure` otherwise.
public struct StartError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  public var exitStatus: Int32

  /// The exit status if demo-loader itself fails, for example because of a wrong option.
  public static let ownFailure: Int32 = 125

  public init(_ error: LoadError) {
    description = error.description
    exitStatus =
      switch error.reason {
      case .process, .otherThreads: Self.ownFailure
      default: error.exitStatus
      }
  }

  /// An error of demo-loader itself, which doesn't depend on the program.
  public init(_ error: some Error & CustomStringConvertible) {
    description = error.description
    exitStatus = Self.ownFailure
  }
}

/// A filter on system calls forbids a call that an option needs: nothing is started.
struct SandboxError: Error, CustomStringConvertible {
  var call: String
  /// The option, as users write it.
  var option: String

  var description: String {
    "\(option) needs the system call \(call), which a seccomp filter here forbids: omit the option, or change the sandbox"
  }
}

/// The first program runs with other rights than the process that starts it, so it keeps the kernel's page whatever the options are.
struct OtherRightsError: Error, CustomStringConvertible {
  var program: String
  /// The option that isn't possible then, as users write it.
  var option: String?

  var description: String {
    "\(option.map { "\($0): " } ?? "")\(rights), so it can't get our page; start demo-loader with those rights instead\(example)"
  }

  /// The message if the program starts nevertheless.
  func warning(hasOtherTime: Bool) -> String {
    hasOtherTime
      ? "\(rights), so it and the programs that it executes see the host's time; start demo-loader with those rights instead\(example)"
      : "\(rights), so it stays on the kernel's page"
  }

  private var rights: String { "\(program.escapingControls): runs with the rights of another user or group" }
  private var example: String { ", as in \"sudo demo-loader PROG\"" }
}
