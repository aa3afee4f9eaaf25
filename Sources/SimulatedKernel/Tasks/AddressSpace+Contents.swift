// SPDX-License-Identifier: Apache-2.0

/// Access to the contents of memory.
extension AddressSpace {
  /// Reads `count` bytes from any address on.
  ///
  /// Like all calls here, it fails with KERN_INVALID_ADDRESS if nothing is mapped, and with KERN_PROTECTION_FAILURE if the protection
  /// forbids it. The corresponding C function is `vm_read`.
  public func read(_ address: UInt64, count: Int) throws(KernReturn) -> [UInt8] {
    var bytes: [UInt8] = []
    for offset in 0..<UInt64(count) {
      let (place, overflow) = address.addingReportingOverflow(offset)
      if overflow { throw .invalidAddress }
      bytes.append(try entry(at: place, allowing: .read).object[Int(place % Self.pageSize)])
    }
    return bytes
  }

  /// Writes whole pages, or nothing if one of them can't be written.
  ///
  /// KERN_INVALID_ARGUMENT if the address or the size is no multiple of the page size. The corresponding C function is `vm_write`.
  public func write(_ bytes: [UInt8], at address: UInt64) throws(KernReturn) {
    let pages = try wholePages(address, size: UInt64(bytes.count))
    for page in pages { _ = try entry(at: page, allowing: .write) }
    for (index, page) in pages.enumerated() {
      let start = index * Int(Self.pageSize)
      try entry(at: page, allowing: .write).object.write(Array(bytes[start..<start + Int(Self.pageSize)]))
    }
  }

  /// Copies whole pages inside the space, or nothing if one of them can't be read or written.
  ///
  /// KERN_INVALID_ARGUMENT if an address or the size is no multiple of the page size. The corresponding C function is `vm_copy`.
  public func copy(_ source: UInt64, size: UInt64, to destination: UInt64) throws(KernReturn) {
    let sources = try wholePages(source, size: size)
    let destinations = try wholePages(destination, size: size)
    var copies: [[UInt8]] = []
    for page in sources { copies.append(try entry(at: page, allowing: .read).object.bytes) }
    for page in destinations { _ = try entry(at: page, allowing: .write) }
    for (page, bytes) in zip(destinations, copies) { try entry(at: page, allowing: .write).object.write(bytes) }
  }

  /// Returns the entry at `address` if an instruction may read, write or execute there.
  ///
  /// Writing and executing need the right to read too, as with the page tables of i386.
  public func access(_ address: UInt64, _ access: Protection) throws(KernReturn) -> MapEntry {
    try entry(at: address, allowing: access.union(.read))
  }

  private func entry(at address: UInt64, allowing access: Protection) throws(KernReturn) -> MapEntry {
    guard let entry = entry(at: address) else { throw .invalidAddress }
    guard entry.protection.isSuperset(of: access) else { throw .protectionFailure }
    return entry
  }

  /// The pages of a range, which must consist of whole pages, up to the last address.
  private func wholePages(_ address: UInt64, size: UInt64) throws(KernReturn) -> StrideTo<UInt64> {
    guard address % Self.pageSize == 0, size % Self.pageSize == 0 else { throw .invalidArgument }
    let (end, overflow) = address.addingReportingOverflow(size)
    guard !overflow else { throw .invalidAddress }
    return stride(from: address, to: end, by: Int(Self.pageSize))
  }
}
