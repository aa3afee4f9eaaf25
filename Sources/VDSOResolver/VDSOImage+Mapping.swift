// SPDX-License-Identifier: Apache-2.0

// The image that is mapped in this process.
//
// Assumes: pages that the kernel finds readable stay mapped while the tables are copied. No process unmaps a vDSO at run time; a caller
// that maps an image keeps it mapped meanwhile.

internal import CLinux
internal import ELF

extension VDSOImage {
  private static let pageSize: UInt64 = 4096
  /// No vDSO is nearly as large: it limits the search for the end of a hostile one.
  static let largest: UInt64 = 1 << 20

  /// The image mapped at an address of this process, whose size is found from its loadable segments.
  ///
  /// Throws `.noVDSO` for 0, and `.unreadable` if the address isn't the start of a readable page.
  public init(mappedAt address: UInt64) throws(TrapReason) {
    guard address != 0 else { throw .noVDSO }
    guard address % Self.pageSize == 0, linux_is_readable(address),
      let start = unsafe UnsafeRawPointer(bitPattern: UInt(address))
    else { throw .unreadable(address: address) }
    let object: SharedObject
    do throws(ELFError) {
      // SAFETY: the first page is readable, and the rest is as far as `readableSize` says.
      let headers = unsafe try SharedObject.programHeaders(mappedAt: start, byteCount: Int(Self.pageSize))
      object = unsafe try SharedObject(mappedAt: start, byteCount: Int(Self.readableSize(address, headers)))
    } catch {
      throw .damaged(error)
    }
    try self.init(object, mappedAt: address)
  }

  /// The size from the first byte to the end of the last segment's page, as far as it is readable.
  private static func readableSize(_ address: UInt64, _ headers: [ProgramHeader]) -> UInt64 {
    let extent = min(SharedObject.extent(of: headers) ?? largest, largest)
    var size = pageSize
    while size < extent, linux_is_readable(address &+ size) { size += pageSize }
    return size
  }
}
