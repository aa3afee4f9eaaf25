// SPDX-License-Identifier: Apache-2.0

// The processes that there are.
//
// Assumes nothing: there may be others the next time.

import CLinux
import ExecEngine
import Glibc
import ProcessSupport

/// Which processes are meant by the number of one.
enum ProcessExtent {
  /// A process and all its descendants, itself first.
  static func tree(of process: Int32) -> [Int32] {
    descendants(of: [process]).filter { $0 == process || isAttachable($0) }
  }

  /// Processes and all their descendants.
  private static func descendants(of processes: [Int32]) -> [Int32] {
    let parents = all().map { (process: $0, parent: TaskStatus(of: $0)?.parent ?? 0) }
    var found = processes
    var next = 0
    while next < found.count {
      for (child, parent) in parents where parent == found[next] && !found.contains(child) { found.append(child) }
      next += 1
    }
    return found
  }

  /// The descendants of processes of a process's PID namespace that are of namespaces below it.
  static func below(namespaceOf process: Int32) -> [Int32] {
    let own = namespace(of: process)
    return descendants(of: own).filter {
      !own.contains($0) && !linux_shares_pid_namespace($0, process) && isAttachable($0)
    }
  }

  /// A process and all others of its PID namespace, itself first.
  static func namespace(of process: Int32) -> [Int32] {
    [process]
      + all().filter { $0 != process && linux_shares_pid_namespace($0, process) && isAttachable($0) }
  }

  /// Whether a process has memory, and is neither this one nor one that serves a session: it has not ended, and is no thread of the kernel.
  static func isAttachable(_ process: Int32) -> Bool {
    guard process != getpid(), process != linux_waiting_process(), let name = ProcessFiles.programName(of: process),
      !servants.contains(name)
    else {
      return false
    }
    return SmallFile.record("/proc/\(process)/statm").first ?? UInt8(ascii: "0") != UInt8(ascii: "0")
  }

  /// Whether a process is a session's supervisor, by its name.
  static func isSupervisor(_ process: Int32) -> Bool { ProcessFiles.programName(of: process) == servants[0] }

  /// The names of processes that serve sessions. One may have the first process of a namespace for its parent.
  private static let servants = ["vdso-supervisor", "vdso-standby", "vdso-timekeeper", "vdso-watcher"]

  static func all() -> [Int32] { unsafe idList { unsafe linux_processes($0, $1) } }
}
