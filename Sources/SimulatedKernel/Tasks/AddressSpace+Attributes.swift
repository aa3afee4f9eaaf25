// SPDX-License-Identifier: Apache-2.0

/// The protection and the inheritance of pages.
extension AddressSpace {
  /// Sets the protection of each page with a byte in the range, or with `setMaximum` its maximum protection.
  ///
  /// Fails with KERN_INVALID_ARGUMENT for bits that are no protection. If the protection is above a page's maximum, it fails with
  /// KERN_PROTECTION_FAILURE and changes nothing. Addresses where nothing is mapped are no error. The corresponding C function is
  /// `vm_protect`.
  public mutating func protect(
    _ address: UInt64, size: UInt64 = pageSize, _ protection: Protection, setMaximum: Bool = false
  ) throws(KernReturn) {
    let wanted = protection.subtracting(.notify)
    guard Protection.all.isSuperset(of: wanted) else { throw .invalidArgument }
    guard size > 0 else { return }
    let indices = indices(in: Self.touched(address, byteCount: size))
    guard indices.allSatisfy({ entries[$0].maximumProtection.isSuperset(of: wanted) }) else { throw .protectionFailure }
    for index in indices {
      if setMaximum {
        entries[index].maximumProtection = wanted
        entries[index].protection.formIntersection(wanted)
      } else {
        entries[index].protection = protection
      }
    }
  }

  /// Sets how children inherit each page with a byte in the range.
  ///
  /// Addresses where nothing is mapped are no error. The corresponding C function is `vm_inherit`.
  public mutating func inherit(_ address: UInt64, size: UInt64, _ inheritance: Inheritance) {
    guard size > 0 else { return }
    for index in indices(in: Self.touched(address, byteCount: size)) { entries[index].inheritance = inheritance }
  }

  /// Returns the entry at `address`, or else the next one above it.
  ///
  /// KERN_NO_SPACE if there is none. The corresponding C function is `vm_region`, which joins pages with the same attributes.
  public func region(at address: UInt64) throws(KernReturn) -> MapEntry {
    let index = firstIndex(at: Self.truncated(address))
    guard index < entries.endIndex else { throw .noSpace }
    return entries[index]
  }

  /// Keeps pages in memory for `access`; with no access, ends that. In this model nothing changes, because pages never leave memory.
  ///
  /// Fails with KERN_INVALID_ARGUMENT for bits that are no protection, and with KERN_NO_SPACE if nothing is mapped or the page's current
  /// protection doesn't allow the access. The corresponding C function is `vm_wire`.
  public func wire(_ address: UInt64, size: UInt64, _ access: Protection) throws(KernReturn) {
    guard Protection.all.isSuperset(of: access) else { throw .invalidArgument }
    var pages = Self.touched(address, byteCount: size)
    // The first page is checked also for a range of no bytes.
    if pages.isEmpty { pages = Self.touched(address, byteCount: 1) }
    for page in stride(from: pages.lowerBound, to: pages.upperBound, by: Int(Self.pageSize)) {
      guard let entry = entry(at: page), entry.protection.isSuperset(of: access) else { throw .noSpace }
    }
  }

  /// Always fails, as on all machines without such attributes: with KERN_INVALID_ADDRESS inside the space, else with KERN_INVALID_ARGUMENT.
  ///
  /// The corresponding C function is `vm_machine_attribute`.
  public func machineAttribute(_ address: UInt64, size: UInt64) throws(KernReturn) {
    throw pages(from: address, byteCount: size) == nil ? .invalidArgument : .invalidAddress
  }
}
