// SPDX-License-Identifier: Apache-2.0

import ELF

/// The kernel's vDSO for i386 programs, as a 64-bit process that becomes one will have it.
///
/// i386 programs need it mapped: the kernel returns from their signal handlers through it, and its `__kernel_vsyscall` is
/// the fast way into the kernel.
public struct CompatibilityVDSO: Hashable, Sendable {
  /// What is asked of the kernel: the lowest of the pages, which are the image's data.
  let request: UInt64
  /// Where the image will be mapped.
  public let header: UInt64
  /// The image as it lies in memory.
  public let bytes: [UInt8]
  /// The pages that the kernel maps: the image's data and the image.
  public var pages: Range<UInt64> { request..<header &+ UInt64(bytes.count) }
  /// The address of `__kernel_vsyscall`, for AT_SYSINFO; nil if the image has none.
  public let systemCallEntry: UInt64?

  init(request: UInt64, header: UInt64, bytes: [UInt8]) {
    self.request = request
    self.header = header
    self.bytes = bytes
    let object = try? SharedObject(memory: bytes)
    let symbol = (try? object?.symbols.symbol(named: "__kernel_vsyscall", version: "LINUX_2.5")) ?? nil
    systemCallEntry = symbol.map { header &+ ($0.value &- (object?.baseAddress ?? 0)) }
  }
}

/// Which vDSO a program gets in its auxiliary vector.
public enum ProgramVDSO: Hashable, Sendable {
  /// The kernel's own.
  case kernel
  /// None: the entry is left out, and i386's with the way into the kernel; its signal handlers return through the kernel's image.
  case none
  /// One that is mapped already, with the pages that it needs; AT_SYSINFO_EHDR says `header`.
  case mapped(header: UInt64, pages: Range<UInt64>)
}
