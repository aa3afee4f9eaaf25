// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Runs programs for tests.
public enum Command {
  /// The result of a program.
  public struct Result: Sendable {
    public var status: Int32
    public var output: String
  }

  /// Runs a program found in PATH to its end and collects what it writes to standard output and standard error.
  public static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    Leftovers.checkedAtExit
    let process = Process()
    let pipe = Pipe()
    // Foundation releases the pipe later, on another thread.
    defer { try? pipe.fileHandleForReading.close() }
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    // Foundation's waitUntilExit looks every 50 ms.
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    ended.wait()
    return Result(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  /// The file of a program in PATH, with links resolved.
  public static func path(of name: String) -> String? {
    guard let found = try? run(["sh", "-c", "readlink -f \"$(command -v \"$1\")\"", "sh", name]), found.status == 0
    else { return nil }
    return found.output.trimmingCharacters(in: .newlines)
  }

  /// Whether a program is in PATH.
  public static func exists(_ name: String) -> Bool {
    (try? run(["sh", "-c", "command -v \(name)"]).status) == 0
  }
}

/// A program that runs until its owner is gone.
public final class RunningCommand {
  private let process = Process()

  public init(_ path: String, _ arguments: [String]) throws {
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  public var pid: Int32 { process.processIdentifier }

  deinit {
    // SIGTERM may be blocked: the program inherits this process's signal mask.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

/// A directory that is removed with its owner.
public final class TemporaryDirectory {
  public let path: String

  public init() throws {
    Leftovers.checkedAtExit
    let url = FileManager.default.temporaryDirectory.appending(path: "swift-vdso-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path()
  }

  /// Compiles a C program into the directory; returns its path.
  public func compile(_ source: String, named name: String, with arguments: [String]) throws -> String {
    try source.write(toFile: "\(path)/\(name).c", atomically: true, encoding: .utf8)
    let result = try Command.run(arguments + ["-o", "\(path)/\(name)", "\(path)/\(name).c"])
    guard result.status == 0 else { throw CompilationFailure(output: result.output) }
    return "\(path)/\(name)"
  }

  deinit {
    // A program that a test has ended may still make a file while the directory is removed.
    for _ in 0..<100 where FileManager.default.fileExists(atPath: path) {
      try? FileManager.default.removeItem(atPath: path)
    }
  }
}

/// The compiler's messages about a test program that doesn't compile.
public struct CompilationFailure: Error, CustomStringConvertible {
  public let output: String

  public var description: String { output }
}
