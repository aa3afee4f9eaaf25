// SPDX-License-Identifier: Apache-2.0

// Reads the kernel's 32-bit vDSO.
//
// Assumes: the process has one thread, and no signal handler that reads a clock, as `ProgramLoader` requires of its callers. While `probe`
// runs, this process has no 64-bit vDSO: no code here reads a clock.

import CLinux
import ProcessSupport

extension CompatibilityVDSO {
  /// Exchanges the kernel's 64-bit vDSO for its 32-bit one, copies that, and exchanges them back.
  ///
  /// Throws EINVAL if the kernel runs no i386 programs or was built without CONFIG_CHECKPOINT_RESTORE.
  static func probe(at place: BaseAddress) throws(Errno) -> CompatibilityVDSO {
    let own = try kernelPages()
    guard let lowest = own.first?.range.lowerBound else {
      throw Errno.noSuchFileOrDirectory
    }
    // A kernel that supports this refuses it as long as another vDSO is mapped.
    guard map(vdso32, at: place.lowest) == -Int(Errno.fileExists.rawValue) else { throw Errno.invalidArgument }
    // Whatever is mapped meanwhile must leave space for them: libc keeps the addresses of their functions.
    var space = MappingGuard()
    for region in own {
      try unmap(region.range)
      try space.add(byteCount: UInt64(region.range.count), at: region.range.lowerBound)
    }
    let request = place.candidates(0, alignment: ProgramLoader.pageSize)[0]
    defer {
      space = MappingGuard()
      _ = map(vdso64, at: lowest)
    }
    return try copy(at: request)
  }

  /// The call that maps it permanently. The corresponding C constant is `ARCH_MAP_VDSO_32`.
  var mapping: ExecTransition.Call {
    ExecTransition.Call(
      name: .archPrctl, number: linux_call_arch_prctl, arguments: [UInt64(Self.vdso32), request],
      failure: .fatal(.kernelVDSO))
  }

  private static let vdso32 = 0x2002
  private static let vdso64 = 0x2003

  private static func copy(at request: UInt64) throws(Errno) -> CompatibilityVDSO {
    _ = try Errno.check(map(vdso32, at: request))
    let pages = try kernelPages()
    guard let first = pages.first, let image = pages.last, first.range.lowerBound == request else {
      throw Errno.noMemory
    }
    // SAFETY: the kernel has just mapped it readable.
    guard let start = unsafe UnsafeRawPointer(bitPattern: UInt(image.range.lowerBound)) else {
      throw Errno.badAddress
    }
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: image.range.count))
    for region in pages { try unmap(region.range) }
    return CompatibilityVDSO(request: request, header: image.range.lowerBound, bytes: bytes)
  }

  /// The pages are in rising order, and the image is the last.
  private static func kernelPages() throws(Errno) -> [ProcessMapping] {
    do throws(SystemError) {
      return ProcessMapping.list(try SmallFile.contents(of: "/proc/self/maps")).filter { $0.isKernelVDSO }
    } catch {
      throw error.errno
    }
  }

  private static func map(_ which: Int, at address: UInt64) -> Int {
    linux_syscall(linux_call_arch_prctl, which, Int(address), 0, 0, 0, 0)
  }

  private static func unmap(_ range: Range<UInt64>) throws(Errno) {
    try Kernel.call(linux_call_munmap, Int(range.lowerBound), range.count)
  }
}
