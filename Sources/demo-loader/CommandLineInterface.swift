// SPDX-License-Identifier: Apache-2.0

// Replacing this program by demo-loader-cli.
//
// The argument vector is the process's own, which lives as long as the process; the paths live through the call.

import Glibc
import Launcher

/// The program that parses arguments in general.
enum CommandLineInterface {
  /// Where it is, seen from this program: in the same directory after a build, in libexec after an installation.
  private static let places = ["demo-loader-cli", "../libexec/demo-loader-cli"]

  /// Executes it with this program's arguments.
  static func execute(_ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Never {
    guard let directory = ownDirectory else {
      StandardError.print("demo-loader: cannot read /proc/self/exe to find demo-loader-cli: mount /proc")
      exit(StartError.ownFailure)
    }
    for place in places {
      unsafe execv("\(directory)/\(place)", arguments)
    }
    StandardError.print(
      "demo-loader: cannot execute \(directory)/demo-loader-cli: install it in the same directory or in ../libexec")
    exit(StartError.ownFailure)
  }

  private static var ownDirectory: String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    guard length > 0, let slash = buffer[..<length].lastIndex(of: CChar(UInt8(ascii: "/"))) else { return nil }
    return String(decoding: buffer[..<slash].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
