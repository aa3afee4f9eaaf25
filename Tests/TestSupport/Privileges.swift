// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the tests' own process may do.
public enum Privileges {
  /// Whether a process may say what `/proc/self/exe` names, which the load engine does then: CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE.
  public static let mayNameExecutable = has(21) || has(40)

  /// Whether the kernel takes a filter of system calls from this process as it is, so that children are followed without being
  /// asked for: CAP_SYS_ADMIN.
  public static let mayFilterCalls = has(21)

  private static func has(_ capability: UInt64) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
      let effective = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
    else { return false }
    return effective >> capability & 1 == 1
  }
}
