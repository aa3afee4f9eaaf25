// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A step of the build that failed.
struct BuildFailure: Error, CustomStringConvertible {
  var description: String
}

/// The programs of the Swift toolchain that build an image.
struct Toolchain {
  var swiftc: String
  var clang: String
  var linker: String

  /// Runs `program` and returns what it printed on standard output; its messages go to standard error.
  @discardableResult
  func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BuildFailure(
        description: "\(program) exited with \(process.terminationStatus): \(arguments.joined(separator: " "))")
    }
    return String(decoding: text, as: UTF8.self)
  }
}
