// SPDX-License-Identifier: Apache-2.0

// Lookup of programs in PATH.
//
// Assumes: the structure handed to the kernel is a local variable that lives through the call; names end in a null.

import CLinux
import Glibc
import LinuxTypes

/// The directories that a program's name is looked up in, separated by colons. The corresponding C function is `execvp`.
package enum SearchPath {
  /// The path if the environment has no PATH. The corresponding C constant is `_CS_PATH`.
  package static let standard = Array("/bin:/usr/bin".utf8)

  /// The reason why no program of a name was found.
  package struct Refusal: Error, Hashable {
    /// The file that was refused, or the name if no file was found.
    package var path: [UInt8]
    /// `noSuchFileOrDirectory` if no directory has such a file, `permissionDenied` if the file may not be executed, else the system's
    /// error.
    package var errno: Errno
  }

  /// The path to execute. A name that contains a slash is the path itself; others are looked up in the directories in turn. An empty
  /// directory name means the current one.
  ///
  /// A file that may not be executed is skipped. If nothing else is found, the error is about that file.
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

  /// The error number with which execve would refuse a file because of its type or its permissions; nil if it wouldn't.
  private static func refusal(of path: [UInt8]) -> Errno? {
    unsafe (path + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { name in
        var status = stat()
        guard unsafe stat(name.baseAddress!, &status) == 0 else { return .current }
        guard status.st_mode & S_IFMT == S_IFREG else { return .permissionDenied }
        let result = unsafe linux_check_executable(name.baseAddress!)
        return result == 0 ? nil : Errno(rawValue: -result)
      }
    }
  }
}
