// SPDX-License-Identifier: Apache-2.0

// System calls that take and return values. They throw error numbers as `Errno` and don't use the variable `errno`.
//
// Assumes: pointers are made and used inside one call; no call here keeps one.

import CLinux
import Glibc
import ProcessSupport

enum Kernel {
  /// A call whose arguments are numbers.
  @discardableResult
  static func call(_ number: Int, _ arguments: Int...) throws(Errno) -> Int {
    func argument(_ index: Int) -> Int { index < arguments.count ? arguments[index] : 0 }
    return try Errno.check(
      linux_syscall(number, argument(0), argument(1), argument(2), argument(3), argument(4), argument(5)))
  }

  /// Opens a file by the bytes of its path. The corresponding C function is `open`.
  static func open(_ path: [UInt8], flags: Int32) throws(Errno) -> OpenFile {
    let flags = Int(flags | O_CLOEXEC)
    let result = unsafe withNullTerminated(path) { name in
      retrying { linux_syscall(linux_call_openat, Int(AT_FDCWD), Int(bitPattern: name), flags, 0, 0, 0) }
    }
    return OpenFile(descriptor: Int32(try Errno.check(result)))
  }

  /// Whether the effective ids may execute the file. The corresponding C function is `faccessat`.
  static func checkExecutable(_ path: [UInt8]) throws(Errno) {
    _ = try Errno.check(Int(unsafe withNullTerminated(path) { unsafe linux_check_executable($0) }))
  }

  /// Whether the file is on a file system that allows no execution. The corresponding C constant is `ST_NOEXEC`.
  static func isMountedNoExec(_ path: [UInt8]) -> Bool {
    unsafe withNullTerminated(path) { name in unsafe linux_mount_flags(name) } & UInt(linux_mount_noexec) != 0
  }

  /// The lowest address that a process without CAP_SYS_RAWIO may map. The corresponding kernel variable is `mmap_min_addr`.
  static let lowestAddress = SmallFile.line("/proc/sys/vm/mmap_min_addr").flatMap { UInt64($0) } ?? 65536

  /// Fresh random bytes, at most 256. The corresponding C function is `getrandom`.
  static func randomBytes(_ count: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let result = unsafe bytes.withUnsafeMutableBytes { buffer in
      retrying {
        linux_syscall(linux_call_getrandom, Int(bitPattern: buffer.baseAddress), buffer.count, 0, 0, 0, 0)
      }
    }
    _ = try Errno.check(result)
    return bytes
  }

  /// The soft limit of stacks, `.max` if there is none. The corresponding C constant is `RLIMIT_STACK`.
  static func stackLimit() throws(Errno) -> UInt64 {
    var limits: (soft: UInt64, hard: UInt64) = (0, 0)
    let result = unsafe withUnsafeMutablePointer(to: &limits) { pointer in
      linux_syscall(linux_call_prlimit64, 0, 3 /* RLIMIT_STACK */, 0, Int(bitPattern: pointer), 0, 0)
    }
    _ = try Errno.check(result)
    return limits.soft
  }

  private static func withNullTerminated<R>(_ bytes: [UInt8], _ body: (UnsafePointer<UInt8>?) -> R) -> R {
    unsafe (bytes + [0]).withUnsafeBufferPointer { unsafe body($0.baseAddress) }
  }
}
