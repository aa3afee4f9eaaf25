// SPDX-License-Identifier: Apache-2.0

import CVDSO

/// The memory that a simulated task sees: pages at addresses, each with its protections.
///
/// A model of GNU Mach's `vm_map`; Tests/Fixtures/mach/claims.txt records Mach's results. Each entry is a single page. docs/kernel.md lists
/// the deliberate differences.
public struct AddressSpace {
  /// The size of every page, in bytes.
  public static let pageSize = UInt64(VDSO_PAGE_SIZE)

  /// The addresses that a task can have. As in Mach, page 0 is one of them.
  public let range: Range<UInt64>
  /// The entries, in rising order of addresses.
  public internal(set) var entries: [MapEntry] = []

  /// An empty space below `limit`, a multiple of the page's size.
  public init(limit: UInt64) {
    precondition(limit % Self.pageSize == 0, "the limit must be a multiple of the page's size")
    range = 0..<limit
  }

  /// The entry at `address`.
  public func entry(at address: UInt64) -> MapEntry? {
    let index = firstIndex(at: Self.truncated(address))
    return index < entries.endIndex && entries[index].address == Self.truncated(address) ? entries[index] : nil
  }

  /// Whether the pages from `address` on lie in the space and nothing is mapped there.
  public func isFree(_ address: UInt64, pageCount: UInt64) -> Bool {
    guard let pages = pages(from: address, byteCount: pageCount * Self.pageSize) else { return false }
    return indices(in: pages).isEmpty
  }

  /// The start of the page of `address`. The corresponding C macro is `trunc_page`.
  static func truncated(_ address: UInt64) -> UInt64 { address - address % pageSize }

  /// `size` rounded up to whole pages, or nil if that exceeds 64 bits. The corresponding C macro is `round_page`.
  static func rounded(_ size: UInt64) -> UInt64? {
    let (sum, overflow) = size.addingReportingOverflow(pageSize - 1)
    return overflow ? nil : truncated(sum)
  }

  /// The range of `byteCount` bytes from a page's address on; nil for no bytes, and if it leaves the space.
  func pages(from address: UInt64, byteCount: UInt64) -> Range<UInt64>? {
    let (end, overflow) = address.addingReportingOverflow(byteCount)
    guard !overflow, byteCount > 0, address >= range.lowerBound, end <= range.upperBound else { return nil }
    return address..<end
  }

  /// All pages with a byte among `byteCount` bytes from `address` on, inside the space or not.
  static func touched(_ address: UInt64, byteCount: UInt64) -> Range<UInt64> {
    let (sum, overflow) = address.addingReportingOverflow(byteCount)
    let start = truncated(address)
    return start..<max(start, overflow ? truncated(.max) : rounded(sum) ?? truncated(.max))
  }

  /// The indices of the entries in `pages`.
  func indices(in pages: Range<UInt64>) -> Range<Int> {
    firstIndex(at: pages.lowerBound)..<firstIndex(at: pages.upperBound)
  }

  /// The index of the first entry at or above `address`.
  func firstIndex(at address: UInt64) -> Int {
    var bounds = entries.startIndex..<entries.endIndex
    while !bounds.isEmpty {
      let middle = bounds.lowerBound + bounds.count / 2
      bounds = entries[middle].address < address ? middle + 1..<bounds.upperBound : bounds.lowerBound..<middle
    }
    return bounds.lowerBound
  }

  /// The space of a child, which inherits each entry as the entry says.
  var inherited: AddressSpace {
    var space = self
    space.entries = entries.compactMap { $0.inherited }
    return space
  }
}
