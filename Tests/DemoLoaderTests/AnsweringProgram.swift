// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program that answers lines of its input by lines of its output, until this is gone.
final class AnsweringProgram {
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())
  private var rest = Data()

  /// `environment` is added to that of the tests. Its errors can be in the output, too.
  init(_ command: [String], environment: [String: String] = [:], withErrors: Bool = false) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = input
    process.standardOutput = output
    if withErrors { process.standardError = output }
    try process.run()
  }

  var pid: Int32 { process.processIdentifier }

  /// The next line that it prints.
  func line() -> String {
    while !rest.contains(0x0a) {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      rest += data
    }
    let line = rest.prefix { $0 != 0x0a }
    rest = Data(rest.dropFirst(line.count + 1))
    return String(decoding: line, as: UTF8.self)
  }

  /// What it prints for a line of input.
  func answer(_ line: String = "") throws -> String {
    try Self.withoutPipeSignal { try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) }
    return self.line()
  }

  /// Writing to a program that has crashed is to fail, and not to end this process.
  private static func withoutPipeSignal(_ body: () throws -> Void) throws {
    var (signals, before) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    do {
      try body()
    } catch {
      var now = timespec()
      unsafe sigtimedwait(&signals, nil, &now)
      throw error
    }
  }

  /// Ends its input, waits for its end, and returns what else it printed.
  func finish() throws -> String {
    try input.fileHandleForWriting.close()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: rest + data, as: UTF8.self)
  }

  deinit {
    if process.isRunning { kill(pid, SIGKILL) }
    try? input.fileHandleForWriting.close()
    try? output.fileHandleForReading.close()
  }
}
