// SPDX-License-Identifier: Apache-2.0

// Borrows descriptors from other processes.
//
// Assumes: a process's descriptor is opened, used and closed before the process id is checked again.

import CLinux
import Glibc

/// The processes from which a supervisor borrows the standard error of its session, if it may not reopen that.
///
/// Until the first program has ended, the supervisor has it open itself, because programs may forbid that their descriptors are copied. Its
/// standby does not.
final class OutputLenders {
  private let file: linux_file_identity
  /// This process's own descriptor, or -1.
  private var own: Int32

  /// Identifies this process's standard error; `isNeeded` says whether it must be borrowed later.
  init(isNeeded: Bool) {
    file = linux_identity(2)
    own = isNeeded ? linux_duplicate(2) : -1
  }

  /// The descriptors that this process must keep open.
  var descriptors: [Int32] { own < 0 ? [] : [own] }

  /// Whether this process has it open.
  var isKept: Bool { own >= 0 }

  /// Closes it.
  func release() {
    if own >= 0 { linux_close(own) }
    own = -1
  }

  /// A descriptor of it, or -1. It comes from `process`, or from the process that started that one, and so on. If none of them has it, the
  /// standard error of `process` is used.
  func borrow(for process: Int32) -> Int32 {
    if own >= 0 { return linux_duplicate(own) }
    var next = process
    for _ in 0..<Self.mostAncestors where next > 0 {
      if let copy = copy(ofProcess: next, isSame: true) { return copy }
      guard let parent = TaskStatus(of: next)?.parent else { break }
      next = parent
    }
    return copy(ofProcess: process, isSame: false) ?? -1
  }

  private static let mostAncestors = 64

  private func copy(ofProcess process: Int32, isSame: Bool) -> Int32? {
    let handle = linux_process_descriptor(process)
    guard handle >= 0 else { return nil }
    defer { linux_close(handle) }
    let copy = linux_descriptor_of(handle, 2)
    guard copy >= 0 else { return nil }
    let identity = linux_identity(copy)
    if !isSame || (identity.device == file.device && identity.number == file.number) { return copy }
    linux_close(copy)
    return nil
  }
}
