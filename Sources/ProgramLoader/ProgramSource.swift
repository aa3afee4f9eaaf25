// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file that is really executed, after PATH and `#!` lines have been followed.
struct ProgramSource: ~Copyable {
  /// A file that is an ELF image or appears to be one.
  let file: ProgramFile
  /// The path for execve, which for a script is the script's. It gives the process its name.
  let executablePath: [UInt8]
  let arguments: [[UInt8]]

  init(_ program: ProgramInvocation, isExecuted: Bool = true) throws(LoadError) {
    let path = try program.path()
    var arguments = program.arguments
    var file = try ProgramFile(path: path, isExecuted: isExecuted)
    var depth = 0
    while !file.isELF {
      guard let script = ScriptHeader(prefix: file.prefix) else { throw file.error(.unknownFormat) }
      guard depth < 5 else { throw file.error(.tooManyInterpreters) }
      depth += 1
      arguments = [script.interpreter] + (script.argument.map { [$0] } ?? []) + [file.path] + arguments.dropFirst()
      file = try ProgramFile(
        path: script.interpreter, neededBy: file.neededBy + [file.path], isExecuted: isExecuted)
    }
    executablePath = path
    self.file = file
    self.arguments = arguments
  }
}
