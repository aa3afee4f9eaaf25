// SPDX-License-Identifier: Apache-2.0

// Mapping the three pages into this process.
//
// Assumes: every address used here lies in a range that this file has reserved, so no other mapping can be replaced. The code that gets the
// addresses keeps the pages for the rest of the process's life.

import CLinux
import CVDSO
import Glibc
public import ProcessSupport

/// The pages of a task, mapped into this process. Time page and identity page are read-only; the code page is read and execute.
///
/// They stay mapped, because a program that knows them may call them at any time. The code page is a private mapping of a sealed memory
/// file, as the kernel's own page is private: a tracer's breakpoint in it makes a copy for its process alone.
public struct PageSet: Hashable, Sendable {
  /// The address of the time page, the lowest.
  public var base: UInt
  /// The number of bytes that the pages take.
  public var byteCount: Int
  /// The address of the code page, which AT_SYSINFO_EHDR has.
  public var codePage: UInt { base + 2 * UInt(VDSO_PAGE_STRIDE) }

  /// Reserves the `byteCount` bytes at `base` for pages, so that the system maps nothing else there. Returns whether nothing was mapped
  /// there before.
  public static func reserve(_ byteCount: Int, at base: UInt) -> Bool {
    unsafe (try? reserved(byteCount, at: base)) != nil
  }

  private static func reserved(_ byteCount: Int, at base: UInt?) throws(SystemError) -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | (base == nil ? 0 : Int32(LINUX_MAP_FIXED_NOREPLACE))
    return try unsafe map(
      UnsafeMutableRawPointer(bitPattern: base ?? 0), byteCount, PROT_NONE, flags, -1, "reserve the vDSO's pages")
  }

  /// Maps the pages. They lie at `base`, which `reserve` has reserved if `isReserved` is true, or at an address that the system chooses.
  /// `code` is whole pages.
  ///
  /// The time page is that of `time`, shared. The others are this process's own, with `identities` valid until fork. With `seals` the
  /// mappings are final, if the kernel has `mseal`.
  public init(
    time: borrowing TimePageFile, code: [UInt8], identities: [TaskIdentity], at base: UInt? = nil,
    isReserved: Bool = false, seals: Bool = true
  ) throws(SystemError) {
    try self.init(
      timePage: time.descriptor, code: code, identities: identities, at: base, isReserved: isReserved, seals: seals)
  }

  /// The same with a time page given by a descriptor.
  package init(
    timePage: Int32, code: [UInt8], identities: [TaskIdentity], at base: UInt?, isReserved: Bool, seals: Bool
  ) throws(SystemError) {
    let page = Int(VDSO_PAGE_SIZE)
    let stride = Int(VDSO_PAGE_STRIDE)
    byteCount = 2 * stride + code.count
    let start =
      if isReserved, let start = unsafe base.flatMap({ unsafe UnsafeMutableRawPointer(bitPattern: $0) }) {
        unsafe start
      } else {
        try unsafe Self.reserved(byteCount, at: base)
      }
    _ = try unsafe Self.map(start, page, PROT_READ, MAP_SHARED | MAP_FIXED, timePage, "map the time page")
    try unsafe Self.mapIdentityPage(at: start + stride, identities)
    try unsafe Self.mapCodePage(at: start + 2 * stride, code)
    // Since Linux 6.10 this makes the mappings final; older kernels fail, which is ignored.
    if seals { _ = linux_syscall(LINUX_NR_MSEAL, Int(bitPattern: start), byteCount, 0, 0, 0, 0) }
    self.base = UInt(bitPattern: start)
  }

  private static func mapIdentityPage(
    at address: UnsafeMutableRawPointer, _ identities: [TaskIdentity]
  ) throws(SystemError) {
    let size = Int(VDSO_PAGE_SIZE)
    try unsafe protect(address, PROT_READ | PROT_WRITE)
    // If the kernel doesn't wipe the page on fork, a child would get its parent's process id, so no id may be valid.
    let isWipedOnFork = unsafe madvise(address, size, Int32(LINUX_MADV_WIPEONFORK)) == 0
    let page = unsafe IdentityPage(initializing: address)
    for entry in identities where isWipedOnFork {
      page.set(entry.identity, to: entry.value)
    }
    try unsafe protect(address, PROT_READ)
  }

  private static func mapCodePage(at address: UnsafeMutableRawPointer, _ code: [UInt8]) throws(SystemError) {
    let file = try MemoryFile.sealed("vdso-code", code)
    _ = try unsafe map(
      address, code.count, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file.descriptor, "map the code page")
    showInCores(code, at: UInt(bitPattern: address))
  }

  /// Makes core dumps include more than the first page: the kernel dumps a page of a file's private mapping only if it was written. If it
  /// can't be written, core dumps lack it.
  private static func showInCores(_ code: [UInt8], at address: UInt) {
    let second = Int(VDSO_PAGE_SIZE)
    guard code.count > second else { return }
    let memory = unsafe open("/proc/self/mem", O_WRONLY | O_CLOEXEC)
    guard memory >= 0 else { return }
    _ = unsafe code[second...second].withUnsafeBytes { unsafe pwrite(memory, $0.baseAddress, 1, Int(address) + second) }
    close(memory)
  }

  private static func map(
    _ address: UnsafeMutableRawPointer?, _ size: Int, _ protection: Int32, _ flags: Int32, _ descriptor: Int32,
    _ operation: String
  ) throws(SystemError) -> UnsafeMutableRawPointer {
    guard let result = unsafe mmap(address, size, protection, flags, descriptor, 0), unsafe result != MAP_FAILED else {
      throw SystemError(operation, errno: .current)
    }
    return unsafe result
  }

  private static func protect(_ address: UnsafeMutableRawPointer, _ protection: Int32) throws(SystemError) {
    guard unsafe mprotect(address, Int(VDSO_PAGE_SIZE), protection) == 0 else {
      throw SystemError("protect a page of the vDSO", errno: .current)
    }
  }
}
