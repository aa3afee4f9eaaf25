// SPDX-License-Identifier: Apache-2.0

import ELF

/// The kernel's vDSO for i386 programs, as this 64-bit process will have it once it has become an i386 program.
///
/// i386 programs need it mapped: the kernel returns from their signal handlers through it, and its `__kernel_vsyscall` is
/// the fast way into the kernel.
public struct CompatibilityVDSO: Hashable, Sendable {
  /// The address to request from the kernel: the lowest of the pages, which hold the image's data.
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

/// The vDSO that a program gets in its auxiliary vector.
public enum ProgramVDSO: Hashable, Sendable {
  /// The kernel's own.
  case kernel
  /// No vDSO: the entries AT_SYSINFO_EHDR and, on i386, AT_SYSINFO are left out. i386 signal handlers return through the kernel's image.
  case none
  /// A vDSO that is mapped already, with the pages that it needs. AT_SYSINFO_EHDR is `header`.
  case mapped(header: UInt64, pages: Range<UInt64>)
}
