// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file that is really executed, after PATH and `#!` lines have been followed.
struct ProgramSource: ~Copyable {
  /// A file that is an ELF image or appears to be one.
  let file: ProgramFile
  /// The path for execve, which for a script is the script's. It gives the process its name.
  let executablePath: [UInt8]
  let arguments: [[UInt8]]
  /// Whether the file is a script without `#!`, which the kernel doesn't execute.
  let isForShell: Bool

  init(_ program: ProgramInvocation, isExecuted: Bool = true) throws(LoadError) {
    let path = try program.path()
    var arguments = program.arguments
    var file = try ProgramFile(path: path, isExecuted: isExecuted)
    var depth = 0
    var isForShell = false
    while !file.isELF {
      let script: ScriptHeader
      if let header = ScriptHeader(prefix: file.prefix) {
        script = header
      } else if depth == 0, let shell = ScriptHeader.forShell(prefix: file.prefix) {
        (script, isForShell) = (shell, true)
      } else {
        throw file.error(.unknownFormat)
      }
      guard depth < 5 else { throw file.error(.tooManyInterpreters) }
      depth += 1
      arguments = [script.interpreter] + (script.argument.map { [$0] } ?? []) + [file.path] + arguments.dropFirst()
      file = try ProgramFile(
        path: script.interpreter, neededBy: file.neededBy + [file.path], isExecuted: isExecuted)
    }
    executablePath = isForShell ? ScriptHeader.shell : path
    self.isForShell = isForShell
    self.file = file
    self.arguments = arguments
  }
}
