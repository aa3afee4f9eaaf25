// SPDX-License-Identifier: Apache-2.0

// The vDSO at an address of this process.
//
// Assumes: memory that the kernel finds readable stays so while the value is used. The vDSO that the kernel named to this process's libc is
// mapped as its segments state: libc follows the same address unchecked before `main`.

internal import CSystemCalls
internal import MappedELF

extension MappedVDSO {
  private static let pageSize: UInt = 4096
  /// The size up to which an image is read without asking the kernel. Linux's images have one to four pages.
  private static let trustedSize: UInt = 65536
  /// No vDSO is nearly as large: it limits the search for the end of a hostile one.
  private static let largest: UInt = 1 << 20

  /// The image that the kernel gave this process. Makes no system call.
  public static func current() throws(TrapReason) -> MappedVDSO {
    let address = linux_getauxval(UInt(LINUX_AT_SYSINFO_EHDR))
    guard address != 0 else { throw .noVDSO }
    // SAFETY: the kernel mapped a whole image there; its first page holds the headers.
    guard address % pageSize == 0, let extent = unsafe try extent(address, pageSize), extent <= trustedSize else {
      return try MappedVDSO(mappedAt: UInt64(address))
    }
    return unsafe try MappedVDSO(address, (extent + pageSize - 1) / pageSize * pageSize)
  }

  /// The image at any address. The kernel is asked which pages are readable.
  ///
  /// Throws `.noVDSO` for 0, and `.unreadable` if the address isn't the start of a readable page.
  public init(mappedAt anyAddress: UInt64) throws(TrapReason) {
    guard anyAddress != 0 else { throw .noVDSO }
    guard let address = UInt(exactly: anyAddress), address % Self.pageSize == 0, linux_is_readable(anyAddress) else {
      throw .unreadable(address: anyAddress)
    }
    // SAFETY: the first page is readable, and the others as far as they are asked for.
    let extent = unsafe min(try Self.extent(address, Self.pageSize) ?? Self.largest, Self.largest)
    var size = Self.pageSize
    while size < extent, linux_is_readable(anyAddress &+ UInt64(size)) { size += Self.pageSize }
    try unsafe self.init(address, size)
  }

  /// `size` bytes must be readable.
  @unsafe private static func extent(_ address: UInt, _ size: UInt) throws(TrapReason) -> UInt? {
    let kind: ImageKind
    let extent: UInt?
    do throws(ELFError) {
      kind = unsafe try MappedObject.kind(mappedAt: address, byteCount: size)
      extent = kind.isNative ? unsafe try MappedObject.extent(mappedAt: address, byteCount: size) : nil
    } catch {
      throw .damaged(error)
    }
    guard kind.isNative else { throw .wrongArchitecture(kind.machine, kind.elfClass) }
    return extent
  }

  @unsafe private init(_ address: UInt, _ size: UInt) throws(TrapReason) {
    let object: MappedObject
    do throws(ELFError) {
      object = unsafe try MappedObject(mappedAt: address, byteCount: size)
    } catch {
      throw error == .missing(.segment) ? .notSharedObject : .damaged(error)
    }
    try self.init(object, at: address)
  }
}
