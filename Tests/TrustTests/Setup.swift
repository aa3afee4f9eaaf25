// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport

/// The loader, its engines, and the compilers of programs that attack it.
enum Setup {
  static let loader = Fixtures.product("demo-loader")
  static let engines = ["exec", "load"]
  static let compilers = ["x86_64": ["gcc"], "i386": ["gcc", "-m32", "-idirafter", "/usr/include/x86_64-linux-gnu"]]

  /// The prefix of a command that runs without root's rights: root may access the memory of others.
  static let unprivileged = getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

  static func compile(
    _ source: String, _ architecture: String = "x86_64", flags: [String] = [], in directory: TemporaryDirectory
  ) throws -> String {
    try Fixtures.compile("trust/\(source)", with: compilers[architecture]! + ["-O1"] + flags, in: directory)
  }
}
