// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The directories that a program's name is looked up in. The corresponding C function is `execvp`.
enum SearchPath {
  /// What PATH is where the environment has none. The corresponding C constant is `_CS_PATH`.
  static let standard = Array("/bin:/usr/bin".utf8)

  /// The path to execute: the name itself where it holds a slash, else in the first directory that has such a program.
  ///
  /// A file that may not be executed is passed over; where nothing else is found, that is the answer.
  static func find(_ name: [UInt8], in searchPath: [UInt8]) throws(LoadError) -> [UInt8] {
    guard !name.isEmpty else { throw LoadError(path: name, reason: .notInPath) }
    guard !name.contains(0x2f) else { return name }
    var refused: LoadError?
    for directory in searchPath.split(separator: 0x3a, omittingEmptySubsequences: false) {
      let path = directory.isEmpty ? name : directory + [0x2f] + name
      do throws(LoadError) {
        _ = try ProgramFile(path: path)
        return path
      } catch {
        switch error.reason {
        case .notExecutable, .directory, .notRegularFile, .file(errno: EACCES): refused = refused ?? error
        case .file(errno: ENOENT), .file(errno: ENOTDIR), .file(errno: ESTALE), .file(errno: ENODEV),
          .file(errno: ETIMEDOUT):
          continue
        default: throw error
        }
      }
    }
    throw refused ?? LoadError(path: name, reason: .notInPath)
  }
}
