// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The Swift toolchain that builds the package.
public enum Toolchain {
  /// The directory of its programs. Programs in PATH may be links, or choose among several toolchains.
  private static let programs: String? = {
    // The driver leaves a directory behind.
    guard let temporary = try? TemporaryDirectory(),
      let information = try? Command.run(["swiftc", "-print-target-info"], environment: ["TMPDIR": temporary.path]),
      let target = try? JSONSerialization.jsonObject(with: Data(information.output.utf8)) as? [String: Any],
      let paths = target["paths"] as? [String: Any], let resources = paths["runtimeResourcePath"] as? String
    else { return nil }
    return "\(resources)/../../bin/"
  }()

  /// clang with the options that build Linux programs for `architecture`. It uses only the libraries of Debian's cross compilers, which,
  /// unlike those compilers, can be installed together with other packages.
  public static func clang(for architecture: String) -> [String] {
    ["\(programs ?? "")clang", "--target=\(architecture)-linux-gnu", "-fuse-ld=lld"]
  }
}
