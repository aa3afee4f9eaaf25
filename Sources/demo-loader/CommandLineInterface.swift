// SPDX-License-Identifier: Apache-2.0

// Replaces this program by demo-loader-cli.
//
// Assumes that the argument vector is the process's own, which lives as long as the process. The paths live through the call.

import CLinux
import Glibc
import Launcher
import ProcessSupport

/// The program that handles all commands and options that this one doesn't.
enum CommandLineInterface {
  /// Its paths relative to this program: in the same directory after a build, in libexec after an installation.
  private static let places = ["demo-loader-cli", "../libexec/demo-loader-cli"]

  /// Executes it with this program's arguments.
  static func execute(_ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Never {
    guard let directory = ownDirectory else {
      StandardError.print(
        "demo-loader: cannot find out where demo-loader is, and so can't find demo-loader-cli: mount /proc, or start demo-loader by its path"
      )
      exit(StartError.ownFailure)
    }
    var reason = "no such file: install it in the same directory or in ../libexec"
    for place in places {
      unsafe execv("\(directory)/\(place)", arguments)
      let error = Errno.current
      if error != .noSuchFileOrDirectory { reason = "\(place): \(error)" }
    }
    StandardError.print(
      "demo-loader: cannot execute \(directory)/demo-loader-cli: \(reason)")
    exit(StartError.ownFailure)
  }

  private static var ownDirectory: String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    var length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    // Without /proc, the path that execve was given is used. It is right unless it is relative and the current directory was changed. The
    // corresponding C constant is AT_EXECFN.
    if length <= 0, let path = unsafe UnsafePointer<CChar>(bitPattern: UInt(linux_getauxval(31))) {
      length = unsafe min(strlen(path), buffer.count)
      for index in 0..<length { unsafe buffer[index] = path[index] }
    }
    guard length > 0, let slash = buffer[..<length].lastIndex(of: CChar(UInt8(ascii: "/"))) else { return nil }
    return String(decoding: buffer[..<slash].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
