// SPDX-License-Identifier: Apache-2.0

/// The first line of a script: `#!`, the interpreter's path and at most one argument. The corresponding kernel code is `load_script`.
struct ScriptHeader: Hashable {
  var interpreter: [UInt8]
  /// Everything after the path, including blanks inside it.
  var argument: [UInt8]?

  /// Nil if `prefix`, the first 256 bytes of a file or the whole file if it is shorter, begins with no such line.
  ///
  /// If the line is longer, the argument is cut off, as in the kernel. If the path itself would be cut off, the result is nil.
  init?(prefix: [UInt8]) {
    guard prefix.starts(with: [0x23, 0x21]) else { return nil }
    let text = prefix.dropFirst(2).prefix(ProgramFile.prefixSize - 2)
    let newline = text.firstIndex(of: 0x0a)
    // A file that is shorter than the buffer ends as if nulls followed it.
    let isCut = newline == nil && prefix.count >= ProgramFile.prefixSize
    let line = text[..<(newline ?? (isCut ? text.endIndex - 1 : text.endIndex))]
    let words = line.drop(while: Self.isBlank).trimmingSuffix(while: Self.isBlank)
    let path = words.prefix { !Self.isBlank($0) && $0 != 0 }
    let rest = words[path.endIndex...]
    guard !path.isEmpty, !(isCut && rest.isEmpty && path.endIndex == line.endIndex) else { return nil }
    interpreter = Array(path)
    let argument = rest.first == 0 ? [] : Array(rest.drop(while: Self.isBlank).prefix { $0 != 0 })
    self.argument = argument.isEmpty ? nil : argument
  }

  /// The path of the shell. The corresponding C constant is `_PATH_BSHELL`.
  static let shell = Array("/bin/sh".utf8)

  /// What `execvp` does with a file of no known format; nil if the first line isn't text.
  static func forShell(prefix: [UInt8]) -> ScriptHeader? {
    let isText = prefix.prefix { $0 != 0x0a }.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 || $0 == 0x0d }
    return isText ? ScriptHeader(interpreter: shell) : nil
  }

  private init(interpreter: [UInt8]) { self.interpreter = interpreter }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09
  }
}

extension ArraySlice<UInt8> {
  fileprivate func trimmingSuffix(while predicate: (UInt8) -> Bool) -> ArraySlice {
    self[..<(lastIndex { !predicate($0) }.map { $0 + 1 } ?? startIndex)]
  }
}
