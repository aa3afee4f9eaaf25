// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// The arguments of execve: a program, its arguments and its environment, as bytes.
public struct ProgramInvocation: Hashable, Sendable {
  /// A path if it contains a slash, else a name that is looked up in `searchPath`.
  public var program: [UInt8]
  /// All arguments, the program's own name first.
  public var arguments: [[UInt8]]
  /// Strings of the form `NAME=value`, in the order that the program will see.
  public var environment: [[UInt8]]
  /// Directories separated by colons, as in PATH.
  public var searchPath: [UInt8]

  /// `searchPath` is this process's own PATH, as for `execvp`, unless it is given.
  public init(program: [UInt8], arguments: [[UInt8]], environment: [[UInt8]], searchPath: [UInt8]? = nil) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.searchPath =
      searchPath ?? ProcessEnvironment.strings.first { $0.starts(with: "PATH=".utf8) }.map { Array($0.dropFirst(5)) }
      ?? SearchPath.standard
  }

  /// A program with this process's own environment.
  public init(program: String, arguments: [String]) {
    self.init(
      program: Array(program.utf8), arguments: arguments.map { Array($0.utf8) },
      environment: ProcessEnvironment.strings)
  }

  /// The path to call execve with, after the name was looked up in PATH.
  public func path() throws(LoadError) -> [UInt8] {
    do throws(SearchPath.Refusal) {
      return try SearchPath.find(program, in: searchPath)
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory: throw LoadError(path: error.path, reason: .notInPath)
      // Opening the file gives the exact reason.
      case .permissionDenied: _ = try ProgramFile(path: error.path)
      default: break
      }
      throw LoadError(path: error.path, reason: .file(errno: error.errno))
    }
  }
}
