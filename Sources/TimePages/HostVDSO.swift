// SPDX-License-Identifier: Apache-2.0

// The kernel's own vDSO in this process.
//
// Assumes: an address is read only if the kernel finds it readable. The vDSO that the kernel has mapped is complete and stays mapped. The
// function has the type of `clock_gettime`, which its name implies.

import AuxvLoader
import CLinux
import CVDSO
import LinuxTypes
import MappedELF
import ProcessSupport

/// The kernel's own vDSO in this process. A session hides it: the auxiliary vector then leads to the session's page.
public enum HostVDSO {
  /// The address of its image; nil if there is none to be found.
  public static let address: UInt64? = {
    let header = AuxvKey.vdso.valueInThisProcess
    if header != 0, !isPage(header) { return header }
    return imageBehind(header) ?? listedAddress
  }()

  /// Inside a session, a reading of clock `id` by its `clock_gettime`; nil outside a session, where libc calls that function.
  static func hiddenReading(_ id: ClockID) -> Timespec? {
    guard let hiddenClock, let function = unsafe UnsafeRawPointer(bitPattern: hiddenClock) else { return nil }
    typealias Function = @convention(c) (Int32, UnsafeMutablePointer<linux_timespec>) -> Int32
    var time = linux_timespec()
    guard unsafe unsafeBitCast(function, to: Function.self)(id.rawValue, &time) == 0 else { return nil }
    return Timespec(seconds: time.tv_sec, nanoseconds: UInt32(time.tv_nsec))
  }

  /// The address of the function; nil if libc calls it itself.
  private static let hiddenClock: UInt? = {
    guard let address, address != AuxvKey.vdso.valueInThisProcess, let start = UInt(exactly: address) else {
      return nil
    }
    #if arch(arm64)
      let name: StaticString = "__kernel_clock_gettime"
    #else
      let name: StaticString = "__vdso_clock_gettime"
    #endif
    guard let extent = unsafe try? MappedObject.extent(mappedAt: start, byteCount: UInt(pageSize)),
      let size = readableSize(address, extent),
      let object = unsafe try? MappedObject(mappedAt: start, byteCount: size),
      let symbol = unsafe try? object.symbol(
        named: UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), version: nil)
    else { return nil }
    return object.loadBias &+ symbol.value
  }()

  private static let pageSize = UInt64(VDSO_PAGE_SIZE)
  private static let stride = UInt64(VDSO_PAGE_STRIDE)
  /// No kernel's vDSO has more pages.
  private static let mostPages: UInt64 = 16

  /// Whether the image at `header` lies above a time page of a session.
  private static func isPage(_ header: UInt64) -> Bool {
    header > 2 * stride && word(UInt32.self, at: header - 2 * stride) == UInt32(VDSO_TIME_MAGIC)
  }

  /// The image to which a code page forwards calls.
  private static func imageBehind(_ header: UInt64) -> UInt64? {
    guard header != 0, word(UInt32.self, at: header + UInt64(VDSO_HEADER_OFFSET)) == UInt32(VDSO_MAGIC),
      let entry = word(UInt64.self, at: header + UInt64(VDSO_HOST_OFFSET_64)), entry >= mostPages * pageSize
    else { return nil }
    let page = entry & ~(pageSize - 1)
    return (0..<mostPages).lazy.map { page - $0 * pageSize }.first { isImage($0) }
  }

  /// The address that /proc lists for it.
  private static var listedAddress: UInt64? {
    guard let maps = try? SmallFile.contents(of: "/proc/self/maps"),
      let address = ProcessMapping.list(maps).first(where: { $0.isKernelImage })?.range.lowerBound
    else { return nil }
    return isImage(address) ? address : nil
  }

  private static func isImage(_ address: UInt64) -> Bool {
    word(UInt32.self, at: address).map { UInt32(littleEndian: $0) } == ELFIdentification.magic
  }

  private static func readableSize(_ address: UInt64, _ extent: UInt) -> UInt? {
    let pages = (UInt64(extent) + pageSize - 1) / pageSize
    guard pages <= mostPages, (0..<pages).allSatisfy({ linux_is_readable(address + $0 * pageSize) }) else { return nil }
    return UInt(pages * pageSize)
  }

  /// A word at an address that is a multiple of its size.
  private static func word<Word: FixedWidthInteger>(_ type: Word.Type, at address: UInt64) -> Word? {
    guard linux_is_readable(address), let pointer = unsafe UnsafePointer<Word>(bitPattern: UInt(address)) else {
      return nil
    }
    return unsafe pointer.pointee
  }
}
