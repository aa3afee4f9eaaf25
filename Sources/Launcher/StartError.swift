// SPDX-License-Identifier: Apache-2.0

import ELF
public import ProgramLoader

/// Why a program can't be started: a line for people, and the exit status: 127 for a program that isn't found, 126 for one that
/// can't be executed, and `ownFailure` for all else, as env(1) and timeout(1) have it.
public struct StartError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  public var exitStatus: Int32

  /// What demo-loader ends with where it fails by itself, wrong words on its command line included.
  public static let ownFailure: Int32 = 125

  public init(_ error: LoadError) {
    description = error.description
    exitStatus =
      switch error.reason {
      case .process, .otherThreads: Self.ownFailure
      default: error.exitStatus
      }
  }

  /// Of what is demo-loader's own to fail at, whatever the program is.
  public init(_ error: some Error & CustomStringConvertible) {
    description = error.description
    exitStatus = Self.ownFailure
  }
}

/// A filter on system calls forbids a call that an option takes: nothing is started.
struct SandboxError: Error, CustomStringConvertible {
  var call: String
  /// The option, as people give it.
  var option: String

  var description: String {
    "\(option) needs the system call \(call), which a seccomp filter here forbids: omit the option, or change the sandbox"
  }
}

/// The first program runs with other rights than the process that starts it: it keeps the kernel's page, whatever was requested.
struct OtherRightsError: Error, CustomStringConvertible {
  var program: String
  /// What can't be had then, as people give it.
  var option: String?

  var description: String {
    "\(option.map { "\($0): " } ?? "")\(rights), so it can't get our page; start demo-loader with those rights instead\(example)"
  }

  /// What the user reads where the program starts all the same.
  func warning(hasOtherTime: Bool) -> String {
    hasOtherTime
      ? "\(rights), so it and the programs that it executes see the host's time; start demo-loader with those rights instead\(example)"
      : "\(rights), so it stays on the kernel's page"
  }

  private var rights: String { "\(program.escapingControls): runs with the rights of another user or group" }
  private var example: String { ", as in \"sudo demo-loader PROG\"" }
}
