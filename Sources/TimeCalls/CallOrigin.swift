// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CVDSO
import ELF
import ExecEngine
import ProcessSupport
import TimePages

/// Distinguishes system calls of a program's own code from those of its vDSO.
///
/// Our pages apply the clocks' maps to the kernel's results. Calls that a page makes, directly or through the kernel's own vDSO, must
/// therefore get the host's time.
struct CallOrigin {
  private static let pageSize: UInt64 = 4096
  private static let largestImage = 16 * pageSize
  /// The number of bytes that i386's `__kernel_vsyscall` has pushed on the stack before its instruction.
  private static let pushedBytes: UInt64 = 12

  /// The pages of the kernel's own vDSO as in this process, up to the end of its segment. The bytes behind the segment may differ in a task
  /// whose page was injected by code there.
  private let kernelPages: [[UInt8]]

  init() {
    let memory = ProcessMemory.own
    guard let header = HostVDSO.address,
      let headers = try? FileHeaders(bytes: memory.bytes(at: header, count: Int(Self.pageSize))),
      let extent = SharedObject.extent(of: headers.programHeaders), extent <= Self.largestImage
    else {
      kernelPages = []
      return
    }
    let image = memory.bytes(at: header, count: Int(extent))
    kernelPages = stride(from: 0, to: image.count, by: Int(Self.pageSize)).map { start in
      Array(image[start..<min(image.count, start + Int(Self.pageSize))])
    }
  }

  /// Whether a vDSO made the call.
  func isVDSO(_ notification: CallNotification) -> Bool {
    let memory = ProcessMemory(pid: notification.thread)
    if isOurs(notification.programCounter, memory) { return true }
    guard notification.abi == .i386 else {
      let counter = notification.programCounter
      let page = memory.bytes(at: page(of: counter), count: Int(Self.pageSize))
      return kernelPages.contains { UInt64($0.count) > counter % Self.pageSize && page.starts(with: $0) }
    }
    // An i386 program may make all its calls through the kernel's vDSO, so the caller of `__kernel_vsyscall` decides.
    guard let stackPointer = CallPlace.stackPointer(of: notification.thread),
      let word = ByteOrder.littleEndian.word(
        UInt32.self, in: memory.bytes(at: stackPointer + Self.pushedBytes, count: 4), at: 0)
    else { return false }
    let caller = page(of: UInt64(word))
    let own = page(of: notification.programCounter)
    return isOurs(UInt64(word), memory) || (max(caller, own) - min(caller, own) <= Self.pageSize && isELF(own, memory))
  }

  private func page(of address: UInt64) -> UInt64 { address & ~(Self.pageSize - 1) }

  /// Whether the code at `address` is one of our code pages.
  private func isOurs(_ address: UInt64, _ memory: ProcessMemory) -> Bool {
    let place = page(of: address) + UInt64(VDSO_HEADER_OFFSET)
    return ByteOrder.littleEndian.word(UInt32.self, in: memory.bytes(at: place, count: 4), at: 0) == UInt32(VDSO_MAGIC)
  }

  /// Whether an image starts at this page or at the one before.
  private func isELF(_ page: UInt64, _ memory: ProcessMemory) -> Bool {
    [page, page - Self.pageSize].contains { ELFIdentification.begins(memory.bytes(at: $0, count: 4)) }
  }
}

/// The position of a thread that waits in a system call, as /proc/PID/syscall shows it.
enum CallPlace {
  static func stackPointer(of thread: Int32) -> UInt64? {
    // The line has the number, six arguments, the stack pointer, and the program counter.
    let words = String(decoding: SmallFile.record("/proc/\(thread)/syscall"), as: UTF8.self).split(separator: " ")
    guard words.count == 9, words[7].hasPrefix("0x") else { return nil }
    return UInt64(words[7].dropFirst(2), radix: 16)
  }
}
