// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The Swift toolchain that builds the package.
public enum Toolchain {
  /// The folder of its programs. Those found in PATH may be links, or choose among several toolchains.
  private static let programs: String? = {
    // The driver leaves a folder behind.
    guard let temporary = try? TemporaryDirectory(),
      let information = try? Command.run(["swiftc", "-print-target-info"], environment: ["TMPDIR": temporary.path]),
      let target = try? JSONSerialization.jsonObject(with: Data(information.output.utf8)) as? [String: Any],
      let paths = target["paths"] as? [String: Any], let resources = paths["runtimeResourcePath"] as? String
    else { return nil }
    return "\(resources)/../../bin/"
  }()

  /// clang and the options by which it makes Linux's programs for `architecture`. Unlike Debian's cross compilers it excludes no
  /// other package, and takes their libraries alone.
  public static func clang(for architecture: String) -> [String] {
    ["\(programs ?? "")clang", "--target=\(architecture)-linux-gnu", "-fuse-ld=lld"]
  }
}
