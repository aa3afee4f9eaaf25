// SPDX-License-Identifier: Apache-2.0

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
