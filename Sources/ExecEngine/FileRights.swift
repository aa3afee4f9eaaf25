// SPDX-License-Identifier: Apache-2.0

// The rights of files, as the kernel reports them.
//
// Assumes: the structure handed to the kernel is a local variable that lives through the call; names end in a null.

import CLinux
import Glibc
public import ProcessSupport

/// The rights that a file has and gives. Paths are bytes without a null.
public enum FileRights {
  /// Why the effective ids may not execute the file; nil if they may. The corresponding C function is `faccessat`.
  public static func executionRefusal(_ path: [UInt8]) -> Errno? {
    let result = unsafe withName(path) { unsafe linux_check_executable($0) }
    return result == 0 ? nil : Errno(rawValue: -result)
  }

  /// Whether execve would give this process other ids or capabilities, which it doesn't if the process has waived them (`no_new_privs`).
  public static func areChanged(byExecuting path: [UInt8]) -> Bool {
    !areWaivedHere && wouldChange(byExecuting: path)
  }

  /// Whether this process has waived further rights (`no_new_privs`), so that execve gives it none.
  public static var areWaivedHere: Bool { linux_has_no_new_privileges() }

  /// Whether this process, under a filter of its own, would have had to waive them for that: it takes CAP_SYS_ADMIN.
  public static var areWaivedByFilters: Bool {
    TaskStatus.current.map { !$0.mayFilterCalls } ?? !areWaivedHere
  }

  /// Whether a process has waived the rights that the file of its program would have given it.
  public static func areWaived(by process: Int32) -> Bool {
    wouldChange(byExecuting: Array("/proc/\(process)/exe".utf8)) && TaskStatus(of: process)?.hasNoNewPrivileges == true
  }

  /// Whether a process of this user can be neither traced nor read, because its program's file may not be read or the program forbids it
  /// (`PR_SET_DUMPABLE`). Its files in /proc belong to the superuser then.
  public static func isClosed(_ process: Int32) -> Bool {
    guard geteuid() != 0, status(Array("/proc/\(process)/stat".utf8))?.st_uid == 0 else { return false }
    return TaskStatus(of: process)?.users.prefix(2) == [getuid(), geteuid()]
  }

  private static func wouldChange(byExecuting path: [UInt8]) -> Bool {
    guard let status = status(path) else { return false }
    let setsUser = status.st_mode & S_ISUID != 0 && status.st_uid != geteuid()
    let setsGroup = status.st_mode & S_ISGID != 0 && status.st_mode & S_IXGRP != 0 && status.st_gid != getegid()
    let hasCapabilities =
      unsafe geteuid() != 0 && withName(path) { unsafe linux_has_capabilities($0) }
    guard hasCapabilities || setsUser || setsGroup, !isMountedNoSuid(path) else { return false }
    return hasCapabilities || areNumbered(status.st_uid, status.st_gid)
  }

  /// Whether execve gives no rights from the file's file system. The corresponding C constant is `ST_NOSUID`.
  private static func isMountedNoSuid(_ path: [UInt8]) -> Bool {
    unsafe (path + [0]).withUnsafeBufferPointer { unsafe linux_mount_flags($0.baseAddress) }
      & UInt(linux_mount_nosuid) != 0
  }

  /// Whether a file's owner and group have numbers in this user namespace: otherwise execve gives none of their rights.
  private static func areNumbered(_ user: UInt32, _ group: UInt32) -> Bool {
    func isNumbered(_ id: UInt32, in map: String) -> Bool {
      let text = String(decoding: SmallFile.record(map), as: UTF8.self)
      // The fields are the first number in the namespace, the first number outside, and the count.
      let lines = text.split(separator: "\n").map { $0.split(separator: " ").compactMap { UInt64($0) } }
      return lines.isEmpty || lines.contains { $0.count == 3 && UInt64(id) >= $0[0] && UInt64(id) - $0[0] < $0[2] }
    }
    return isNumbered(user, in: "/proc/self/uid_map") && isNumbered(group, in: "/proc/self/gid_map")
  }

  private static func status(_ path: [UInt8]) -> stat? {
    var result = stat()
    return unsafe withName(path) { unsafe stat($0, &result) } == 0 ? result : nil
  }

  private static func withName<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe (path + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe body($0.baseAddress!) }
    }
  }
}
