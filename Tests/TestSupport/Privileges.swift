// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The privileges of the tests' own process.
public enum Privileges {
  /// Whether a process may set the file that `/proc/self/exe` names, as the load engine does: with CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE.
  public static let mayNameExecutable = has(21) || has(40)

  /// Whether the kernel accepts a system call filter from this process without `no_new_privs`, so that children are followed by default:
  /// with CAP_SYS_ADMIN.
  public static let mayFilterCalls = has(21)

  private static func has(_ capability: UInt64) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
      let effective = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
    else { return false }
    return effective >> capability & 1 == 1
  }
}
