// SPDX-License-Identifier: Apache-2.0

// Descriptors of other processes.
//
// Assumes: a process's descriptor is opened, used and closed before the process's number is looked at again.

import CLinux
import Glibc

/// From where a supervisor borrows the standard error of its session, if it may not reopen that: processes that have it open.
///
/// Until the first program has ended the supervisor has it open itself, as programs may forbid that their descriptors are copied. Its
/// standby hasn't.
final class OutputLenders {
  private let file: linux_file_identity
  /// This process's own, or -1.
  private var own: Int32

  /// Looks at this process's standard error; `isNeeded` says whether it is to be borrowed.
  init(isNeeded: Bool) {
    file = linux_identity(2)
    own = isNeeded ? linux_duplicate(2) : -1
  }

  /// What this process must keep open.
  var descriptors: [Int32] { own < 0 ? [] : [own] }

  /// Whether this process has it open.
  var isKept: Bool { own >= 0 }

  /// Ends that.
  func release() {
    if own >= 0 { linux_close(own) }
    own = -1
  }

  /// A descriptor of it, or -1: of that of `process`, or the process that started it, and so on. If nobody has it, what `process` has
  /// for standard error stands in.
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
