// What of this process execve would reset.
//
// Assumes: pointers are to local variables and live through the call.

import CLinux
import Glibc

/// What of a process execve would reset, as it is now.
struct ProcessState: Hashable, Sendable {
  /// Signals with a handler. Ignored ones stay ignored.
  var caughtSignals: [Int32] = []
  /// Descriptors to be closed on exec.
  var closingDescriptors: [Int32] = []
  /// POSIX timers.
  var timers: [Int] = []
  /// The restartable-sequences area that libc registered, or 0.
  var rseqArea: UInt64 = 0
  /// The corresponding C function is `personality`.
  var personality: UInt64 = 0

  /// Looks at this process.
  static func current() -> ProcessState {
    var state = ProcessState()
    state.caughtSignals = (1...64 as ClosedRange<Int32>).filter(isCaught)
    state.closingDescriptors = descriptors().filter { descriptor in
      let flags = linux_syscall(linux_call_fcntl, Int(descriptor), Int(F_GETFD), 0, 0, 0, 0)
      return flags >= 0 && flags & Int(FD_CLOEXEC) != 0
    }
    state.timers = timerIDs()
    state.rseqArea = linux_rseq_area()
    let personality = linux_syscall(linux_call_personality, 0xffff_ffff, 0, 0, 0, 0, 0)
    state.personality = personality > 0 ? UInt64(personality) : 0
    return state
  }

  private static func isCaught(_ signal: Int32) -> Bool {
    var action: (handler: UInt, flags: UInt, restorer: UInt, mask: UInt) = (0, 0, 0, 0)
    let result = unsafe withUnsafeMutablePointer(to: &action) {
      linux_syscall(linux_call_rt_sigaction, Int(signal), 0, Int(bitPattern: $0), 8, 0, 0)
    }
    return result == 0 && action.handler > 1
  }

  /// Those that /proc lists, or without it those below the limit.
  private static func descriptors() -> [Int32] {
    guard let directory = unsafe opendir("/proc/self/fd") else { return Array(0..<1024) }
    defer { unsafe _ = closedir(directory) }
    var result: [Int32] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if let number = Int32(name), unsafe number != dirfd(directory) { result.append(number) }
    }
    return result
  }

  private static func timerIDs() -> [Int] {
    guard let text = try? Kernel.contents(of: "/proc/self/timers") else { return [] }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
      line.hasPrefix("ID: ") ? Int(line.dropFirst(4)) : nil
    }
  }
}

extension Kernel {
  /// All bytes of a file.
  static func contents(of path: String) throws(KernelError) -> [UInt8] {
    try open(Array(path.utf8), flags: O_RDONLY).readToEnd()
  }
}
