// SPDX-License-Identifier: Apache-2.0

import CVDSO

/// The memory that a simulated task sees: pages at addresses, each with its protections.
///
/// A model of Mach's `vm_map` for the rules that a vDSO meets: entries are single pages.
public struct AddressSpace {
  /// The size of every page, in bytes.
  public static let pageSize = UInt64(VDSO_PAGE_SIZE)

  /// The addresses that a task can have; the first page stays free, so that a null pointer finds nothing.
  public let range: Range<UInt64>
  /// What is mapped, in rising order of addresses.
  public private(set) var entries: [MapEntry] = []

  /// An empty space below `limit`, a multiple of the page's size.
  public init(limit: UInt64) {
    precondition(limit % Self.pageSize == 0 && limit > Self.pageSize, "the limit must be a multiple of the page's size")
    range = Self.pageSize..<limit
  }

  /// What is mapped at `address`.
  public func entry(at address: UInt64) -> MapEntry? {
    entries.first { $0.address == address - address % Self.pageSize }
  }

  /// Maps `entry`. The corresponding C function is `vm_map` with `anywhere` false.
  public mutating func insert(_ entry: MapEntry) throws(KernReturn) {
    guard entry.address % Self.pageSize == 0, entry.maximumProtection.isSuperset(of: entry.protection) else {
      throw .invalidArgument
    }
    guard isFree(entry.address, pageCount: 1) else { throw .noSpace }
    entries.insert(entry, at: entries.firstIndex { $0.address > entry.address } ?? entries.endIndex)
  }

  /// Whether the pages from `address` on lie in the space and nothing is mapped there.
  public func isFree(_ address: UInt64, pageCount: UInt64) -> Bool {
    let (end, overflow) = address.addingReportingOverflow(pageCount * Self.pageSize)
    guard !overflow, address >= range.lowerBound, end <= range.upperBound else { return false }
    return !entries.contains { (address..<end).contains($0.address) }
  }

  /// Returns the first address at or above `hint`, else the first of all, where as many pages are free.
  ///
  /// What `vm_map` does with `anywhere` true, but that Mach gives up at the end of the space.
  public func freeAddress(near hint: UInt64, pageCount: UInt64) throws(KernReturn) -> UInt64 {
    let start = hint - hint % Self.pageSize
    let ends = entries.map { $0.address + Self.pageSize }
    let candidates = [start] + ends.filter { $0 > start } + [range.lowerBound] + ends
    guard let address = candidates.first(where: { isFree($0, pageCount: pageCount) }) else { throw .noSpace }
    return address
  }

  /// Unmaps what is mapped in the pages from `address` on. The corresponding C function is `vm_deallocate`.
  public mutating func remove(_ address: UInt64, pageCount: UInt64) {
    entries.removeAll { $0.address >= address && ($0.address - address) / Self.pageSize < pageCount }
  }

  /// Sets the protection of the page at `address`, or with `setMaximum` the one that it can have at most.
  ///
  /// The corresponding C function is `vm_protect`.
  public mutating func protect(
    _ address: UInt64, _ protection: Protection, setMaximum: Bool = false
  ) throws(KernReturn) {
    guard address % Self.pageSize == 0 else { throw .invalidArgument }
    guard let index = entries.firstIndex(where: { $0.address == address }) else { throw .invalidAddress }
    guard entries[index].maximumProtection.isSuperset(of: protection) else { throw .protectionFailure }
    if setMaximum {
      entries[index].maximumProtection = protection
      entries[index].protection.formIntersection(protection)
    } else {
      entries[index].protection = protection
    }
  }

  /// Reads as the task would. The corresponding C function is `vm_read`.
  public func read(_ address: UInt64, count: Int) throws(KernReturn) -> [UInt8] {
    var bytes: [UInt8] = []
    for offset in 0..<UInt64(count) {
      let (place, overflow) = address.addingReportingOverflow(offset)
      if overflow { throw .invalidAddress }
      bytes.append(try access(place, .read).object[Int(place % Self.pageSize)])
    }
    return bytes
  }

  /// Writes as the task would. Nothing is written where a byte can't be. The corresponding C function is `vm_write`.
  public func write(_ bytes: [UInt8], at address: UInt64) throws(KernReturn) {
    for offset in bytes.indices { _ = try access(address &+ UInt64(offset), .write) }
    for (offset, byte) in bytes.enumerated() {
      let place = address &+ UInt64(offset)
      try access(place, .write).object[Int(place % Self.pageSize)] = byte
    }
  }

  /// Returns the entry at `address` if its protection allows `access`.
  public func access(_ address: UInt64, _ access: Protection) throws(KernReturn) -> MapEntry {
    guard let entry = entry(at: address) else { throw .invalidAddress }
    guard entry.protection.isSuperset(of: access) else { throw .protectionFailure }
    return entry
  }

  /// The space of a child: each entry as it is inherited.
  var inherited: AddressSpace {
    var space = self
    space.entries = entries.compactMap { $0.inherited }
    return space
  }
}
