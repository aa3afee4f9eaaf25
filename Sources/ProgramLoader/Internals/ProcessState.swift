// SPDX-License-Identifier: Apache-2.0

// Reads the state of this process that execve would reset.
//
// Assumes: pointers are to local variables and live through the call.

import CLinux
import Glibc
import ProcessSupport

/// The part of a process's state that execve would reset.
struct ProcessState: Hashable, Sendable {
  /// Signals with a handler, or with the default action and flags.
  var changedSignals: [Int32] = []
  /// Ignored signals with flags: they stay ignored.
  var ignoredSignals: [Int32] = []
  /// Descriptors to be closed on exec.
  var closingDescriptors: [Int32] = []
  /// POSIX timers.
  var timers: [Int] = []
  /// The restartable-sequences area that libc registered, or 0.
  var rseqArea: UInt64 = 0

  /// Reads the state of this process. In a new one, only descriptors can be there.
  static func current(isNew: Bool) -> ProcessState {
    var state = ProcessState()
    state.rseqArea = linux_rseq_area()
    guard !isNew else {
      state.closingDescriptors = ownDescriptors()
      return state
    }
    state.closingDescriptors = descriptors().filter { isClosedOnExec($0) == true }
    for signal in 1...64 as ClosedRange<Int32> {
      let (handler, flags) = action(of: signal)
      if handler == ignore, flags != 0 { state.ignoredSignals.append(signal) }
      if handler != ignore, handler | flags != 0 { state.changedSignals.append(signal) }
    }
    state.timers = timerIDs()
    return state
  }

  /// Whether a descriptor is to be closed on exec; nil if it isn't open.
  private static func isClosedOnExec(_ descriptor: Int32) -> Bool? {
    let flags = linux_syscall(linux_call_fcntl, Int(descriptor), Int(F_GETFD), 0, 0, 0, 0)
    return flags < 0 ? nil : flags & Int(FD_CLOEXEC) != 0
  }

  /// The descriptors that are closed on exec in a process that was new. It inherited none of them, and each got the lowest number that was
  /// free. So they are among the first numbers that aren't inherited descriptors.
  private static func ownDescriptors() -> [Int32] {
    var own: [Int32] = []
    var (descriptor, rank) = (0 as Int32, 0)
    while rank < 16 {
      let isClosed = isClosedOnExec(descriptor)
      if isClosed == true { own.append(descriptor) }
      if isClosed != false { rank += 1 }
      descriptor += 1
    }
    return own
  }

  /// The corresponding C constant is `SIG_IGN`.
  private static let ignore: UInt = 1

  /// The kernel's handler and flags of a signal, zeros if it has none. The corresponding system call is `rt_sigaction`.
  private static func action(of signal: Int32) -> (handler: UInt, flags: UInt) {
    var action: (handler: UInt, flags: UInt, restorer: UInt, mask: UInt) = (0, 0, 0, 0)
    _ = unsafe withUnsafeMutablePointer(to: &action) {
      linux_syscall(linux_call_rt_sigaction, Int(signal), 0, Int(bitPattern: $0), 8, 0, 0)
    }
    return (action.handler, action.flags)
  }

  /// The descriptors that /proc lists; without /proc, all possible ones.
  private static func descriptors() -> [Int32] {
    guard let directory = unsafe opendir("/proc/self/fd") else { return everyDescriptor }
    defer { unsafe _ = closedir(directory) }
    var result: [Int32] = []
    errno = 0
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if let number = Int32(name), unsafe number != dirfd(directory) { result.append(number) }
    }
    return errno == 0 ? result : everyDescriptor
  }

  private static let everyDescriptor = Array(0..<1024 as Range<Int32>)

  private static func timerIDs() -> [Int] {
    (SmallFile.text("/proc/self/timers") ?? "").split(separator: "\n").compactMap { line in
      line.hasPrefix("ID: ") ? Int(line.dropFirst(4)) : nil
    }
  }
}
