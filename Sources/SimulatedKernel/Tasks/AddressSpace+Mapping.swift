// SPDX-License-Identifier: Apache-2.0

/// Mapping and unmapping.
extension AddressSpace {
  /// Maps `entry`, one page. The corresponding C function is `vm_map` with `anywhere` false.
  ///
  /// As in Mach, the current protection may exceed the maximum. Fails with KERN_INVALID_ADDRESS outside the space, with KERN_NO_SPACE if
  /// something is mapped there, and with KERN_INVALID_ARGUMENT for bits that are no protection.
  public mutating func insert(_ entry: MapEntry) throws(KernReturn) {
    try Self.check(entry.protection, entry.maximumProtection)
    let address = Self.truncated(entry.address)
    guard pages(from: address, byteCount: Self.pageSize) != nil else { throw .invalidAddress }
    let index = firstIndex(at: address)
    guard index == entries.endIndex || entries[index].address != address else { throw .noSpace }
    entries.insert(entry.moved(to: address), at: index)
  }

  /// Maps zeros from the page of `address` on, as many pages as `size` takes, and returns their start.
  ///
  /// Fails as `insert(_:)` does, and with KERN_INVALID_ARGUMENT for no bytes. The corresponding C function is `vm_map` with `anywhere` false and
  /// no memory object.
  @discardableResult
  public mutating func map(
    at address: UInt64, size: UInt64, protection: Protection, maximumProtection: Protection, inheritance: Inheritance
  ) throws(KernReturn) -> UInt64 {
    try Self.check(protection, maximumProtection)
    guard size > 0 else { throw .invalidArgument }
    let start = Self.truncated(address)
    guard let size = Self.rounded(size), let pages = pages(from: start, byteCount: size) else { throw .invalidAddress }
    guard indices(in: pages).isEmpty else { throw .noSpace }
    fill(pages, protection, maximumProtection, inheritance)
    return start
  }

  /// Maps zeros at the lowest free address that has no bit of `mask`, and returns it.
  ///
  /// Fails with KERN_NO_SPACE if there is no space, and otherwise as `map(at:size:protection:maximumProtection:inheritance:)` does. The
  /// corresponding C function is `vm_map` with `anywhere` true, which ignores the address that it is given.
  @discardableResult
  public mutating func mapAnywhere(
    size: UInt64, mask: UInt64 = 0, protection: Protection, maximumProtection: Protection, inheritance: Inheritance
  ) throws(KernReturn) -> UInt64 {
    try Self.check(protection, maximumProtection)
    guard size > 0 else { throw .invalidArgument }
    guard let size = Self.rounded(size), let start = lowestGap(byteCount: size, mask: mask) else { throw .noSpace }
    fill(start..<start + size, protection, maximumProtection, inheritance)
    return start
  }

  /// Maps zeros that the task may read and write, from the page of `address` on, and returns its start; 0 for no bytes.
  ///
  /// Fails as `insert(_:)` does. The corresponding C function is `vm_allocate` with `anywhere` false.
  @discardableResult
  public mutating func allocate(at address: UInt64, size: UInt64) throws(KernReturn) -> UInt64 {
    guard size > 0 else { return 0 }
    return try map(
      at: address, size: size, protection: [.read, .write], maximumProtection: .all, inheritance: .copy)
  }

  /// The same at the lowest free address. The corresponding C function is `vm_allocate` with `anywhere` true.
  @discardableResult
  public mutating func allocateAnywhere(size: UInt64) throws(KernReturn) -> UInt64 {
    guard size > 0 else { return 0 }
    return try mapAnywhere(
      size: size, protection: [.read, .write], maximumProtection: .all, inheritance: .copy)
  }

  /// Unmaps each page with a byte in the range. Pages where nothing is mapped are no error.
  ///
  /// The corresponding C function is `vm_deallocate`.
  public mutating func deallocate(_ address: UInt64, size: UInt64) {
    guard size > 0 else { return }
    entries.removeSubrange(indices(in: Self.touched(address, byteCount: size)))
  }

  /// Returns the first address at or above `hint` where as many pages are free, or else the first one above page 0.
  ///
  /// Mach has no such call: its `vm_map` takes no hint. KERN_NO_SPACE if there is no space.
  public func freeAddress(near hint: UInt64, pageCount: UInt64) throws(KernReturn) -> UInt64 {
    let ends = entries.map { $0.address + Self.pageSize }
    let start = max(Self.truncated(hint), Self.pageSize)
    let candidates = [start] + ends.filter { $0 > start } + [Self.pageSize] + ends
    guard let address = candidates.first(where: { isFree($0, pageCount: pageCount) }) else { throw .noSpace }
    return address
  }

  private static func check(_ protections: Protection...) throws(KernReturn) {
    for protection in protections where !Protection.all.isSuperset(of: protection) { throw .invalidArgument }
  }

  private mutating func fill(
    _ pages: Range<UInt64>, _ protection: Protection, _ maximumProtection: Protection, _ inheritance: Inheritance
  ) {
    let new = stride(from: pages.lowerBound, to: pages.upperBound, by: Int(Self.pageSize)).map {
      MapEntry(
        address: $0, object: MemoryObject(), protection: protection, maximumProtection: maximumProtection,
        inheritance: inheritance)
    }
    entries.insert(contentsOf: new, at: firstIndex(at: pages.lowerBound))
  }

  private func lowestGap(byteCount: UInt64, mask: UInt64) -> UInt64? {
    var start = range.lowerBound
    for entry in entries {
      guard let aligned = Self.aligned(start, mask) else { return nil }
      if aligned <= entry.address, entry.address - aligned >= byteCount { return aligned }
      start = entry.address + Self.pageSize
    }
    guard let aligned = Self.aligned(start, mask) else { return nil }
    return pages(from: aligned, byteCount: byteCount)?.lowerBound
  }

  /// `address`, or the next higher one without a bit of `mask`, in which all bits below the highest are set.
  private static func aligned(_ address: UInt64, _ mask: UInt64) -> UInt64? {
    let (sum, overflow) = address.addingReportingOverflow(mask)
    return overflow ? nil : sum & ~mask
  }
}
