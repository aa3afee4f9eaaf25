// SPDX-License-Identifier: Apache-2.0

// Programs' names in PATH.
//
// Assumes: the structure handed to the kernel is a local variable that lives through the call; names end in a null.

import Glibc
import LinuxTypes

/// The directories that a program's name is looked up in, separated by colons. The corresponding C function is `execvp`.
package enum SearchPath {
  /// What PATH is where the environment has none. The corresponding C constant is `_CS_PATH`.
  package static let standard = Array("/bin:/usr/bin".utf8)

  /// Why there is no program of a name.
  package struct Refusal: Error, Hashable {
    /// The file that was refused, or the name where there is none.
    package var path: [UInt8]
    /// `noSuchFileOrDirectory` if no directory has such a file, `permissionDenied` for one that may not be executed, else what the system says of it.
    package var errno: Errno
  }

  /// The path to execute: the name itself where it holds a slash, else in the first directory that has such a program. An empty directory is
  /// the current one.
  ///
  /// A file that may not be executed is passed over; where nothing else is found, that is the answer.
  package static func find(_ name: [UInt8], in searchPath: [UInt8]) throws(Refusal) -> [UInt8] {
    guard !name.isEmpty else { throw Refusal(path: name, errno: .noSuchFileOrDirectory) }
    guard !name.contains(UInt8(ascii: "/")) else { return name }
    var refused: Refusal?
    for directory in searchPath.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
      let path = (directory.isEmpty ? [UInt8(ascii: ".")] : Array(directory)) + [UInt8(ascii: "/")] + name
      switch refusal(of: path) {
      case nil: return path
      case .noSuchFileOrDirectory, .notDirectory, .staleFileHandle, .noSuchDevice, .timedOut: continue
      case .permissionDenied: refused = refused ?? Refusal(path: path, errno: .permissionDenied)
      case let errno?: throw Refusal(path: path, errno: errno)
      }
    }
    throw refused ?? Refusal(path: name, errno: .noSuchFileOrDirectory)
  }

  /// The error number with which execve would refuse a file for what it is and for its rights; nil where it wouldn't.
  private static func refusal(of path: [UInt8]) -> Errno? {
    unsafe (path + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { name in
        var status = stat()
        guard unsafe stat(name.baseAddress!, &status) == 0 else { return .current }
        guard status.st_mode & S_IFMT == S_IFREG else { return .permissionDenied }
        return unsafe faccessat(AT_FDCWD, name.baseAddress!, X_OK, AT_EACCESS) == 0 ? nil : .current
      }
    }
  }
}
