// SPDX-License-Identifier: Apache-2.0

// Names of files.
//
// Assumes: an entry of a directory is valid until the next is read, and its name ends in a null; realpath allocates its result.

import Glibc

enum FileNames {
  /// The names in a directory, in no particular order; nil if it can't be read.
  static func list(_ path: String) -> [String]? {
    guard let directory = unsafe opendir(path) else { return nil }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      unsafe names.append(
        withUnsafeBytes(of: entry.pointee.d_name) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }

  /// Whether this user may execute a file.
  static func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }

  /// The directory of this program's file; nil without /proc.
  static var ownDirectory: String? {
    guard let path = unsafe realpath("/proc/self/exe", nil) else { return nil }
    defer { unsafe free(path) }
    let text = unsafe String(cString: path)
    return text.lastIndex(of: "/").map { String(text[..<$0]) }
  }
}
