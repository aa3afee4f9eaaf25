// SPDX-License-Identifier: Apache-2.0

// Mapping the three pages into this process.
//
// Every address used here lies in a reservation that this file made: no other mapping can be replaced. The code that gets
// the addresses keeps the pages for the rest of the process's life.

import CLinux
import CVDSO
import Glibc
public import ProcessSupport

/// The pages of a task, mapped into this process: time and identity page read-only, code page read and execute.
///
/// They stay mapped: a program that knows them may call them at any time. The code page is a private mapping of a sealed memory file, as
/// the kernel's own is private: a tracer's breakpoint there makes a copy for its process alone.
public struct PageSet: Hashable, Sendable {
  /// The address of the time page, the lowest.
  public var base: UInt
  /// How many bytes the pages take.
  public var byteCount: Int
  /// The address of the code page: what AT_SYSINFO_EHDR says.
  public var codePage: UInt { base + 2 * UInt(VDSO_PAGE_STRIDE) }

  /// Keeps the system from mapping anything else at the `byteCount` bytes at `base`, for pages to be mapped there; returns whether
  /// nothing was there.
  public static func reserve(_ byteCount: Int, at base: UInt) -> Bool {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | Int32(LINUX_MAP_FIXED_NOREPLACE)
    return
      unsafe (try? map(
        UnsafeMutableRawPointer(bitPattern: base), byteCount, PROT_NONE, flags, -1, "reserve the vDSO's pages")) != nil
  }

  /// Maps the pages at `base`, which `reserve` has kept free if that `isReserved`, or where the system likes; `code` is whole pages.
  ///
  /// The time page is that of `time`, shared; the others are this process's own, with `identities` valid until fork. With
  /// `seals` the mappings are final, where the kernel has `mseal`.
  public init(
    time: borrowing TimePageFile, code: [UInt8], identities: [TaskIdentity], at base: UInt? = nil,
    isReserved: Bool = false, seals: Bool = true
  ) throws(SystemError) {
    try self.init(
      timePage: time.descriptor, code: code, identities: identities, at: base, isReserved: isReserved, seals: seals)
  }

  /// The same with a time page of which there is a descriptor.
  package init(
    timePage: Int32, code: [UInt8], identities: [TaskIdentity], at base: UInt?, isReserved: Bool, seals: Bool
  ) throws(SystemError) {
    let fixed = isReserved ? MAP_FIXED : Int32(LINUX_MAP_FIXED_NOREPLACE)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | (base == nil ? 0 : fixed)
    let page = Int(VDSO_PAGE_SIZE)
    let stride = Int(VDSO_PAGE_STRIDE)
    byteCount = 2 * stride + code.count
    let start = try unsafe Self.map(
      UnsafeMutableRawPointer(bitPattern: base ?? 0), byteCount, PROT_NONE, flags, -1, "reserve the vDSO's pages")
    _ = try unsafe Self.map(start, page, PROT_READ, MAP_SHARED | MAP_FIXED, timePage, "map the time page")
    try unsafe Self.mapIdentityPage(at: start + stride, identities)
    try unsafe Self.mapCodePage(at: start + 2 * stride, code)
    // Best effort: since Linux 6.10 it makes the mappings final.
    if seals { _ = linux_syscall(LINUX_NR_MSEAL, Int(bitPattern: start), byteCount, 0, 0, 0, 0) }
    self.base = UInt(bitPattern: start)
  }

  private static func mapIdentityPage(
    at address: UnsafeMutableRawPointer, _ identities: [TaskIdentity]
  ) throws(SystemError) {
    let size = Int(VDSO_PAGE_SIZE)
    try unsafe protect(address, PROT_READ | PROT_WRITE)
    // Without it a child would take itself for its parent: then nothing may be valid.
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

  /// Puts more than the first page into core dumps: the kernel dumps private mappings of files whole where a page was written. Where this can't
  /// be written, cores lack it.
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
