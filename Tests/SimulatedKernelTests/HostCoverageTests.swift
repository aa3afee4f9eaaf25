// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELF
import Testing
import VDSOImages

@testable import SimulatedKernel

@Suite("A page that reaches over the host's image")
struct HostCoverageTests {
  private static let header: UInt64 = 0x7f00_0000_f000
  private static let host: UInt64 = 0x7f00_0001_6000

  /// A 64-bit image of the kernel's with a table of `functions`, each with rules at a place of its own.
  private func image(_ functions: [Int]) -> [UInt8] {
    var image = [UInt8](repeating: 0, count: 0x2000)
    image.replaceSubrange(0..<5, with: [0x7f, 0x45, 0x4c, 0x46, 2])
    func set(_ value: Int, _ size: Int, at offset: Int) {
      for index in 0..<size { image[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
    set(64, 8, at: 32)
    set(2, 2, at: 56)
    set(1, 4, at: 64)
    set(0x1500, 8, at: 64 + 40)
    set(Int(SegmentType.unwindTable.rawValue), 4, at: 120)
    set(0x600, 8, at: 128)
    image.replaceSubrange(0x600..<0x604, with: HostUnwindTable.form)
    set(functions.count, 4, at: 0x608)
    for (index, function) in functions.enumerated() {
      set(function - 0x600, 4, at: 0x60c + 8 * index)
      set(0x700 + 16 * index - 0x600, 4, at: 0x610 + 8 * index)
    }
    return image
  }

  private func page(_ architecture: VDSOImages.Architecture, clock: UInt64 = 0) throws -> [UInt8] {
    var page = try #require(CodePage(architecture: architecture))
    page.setHostEntryPoints(HostEntryPoints(clockGettime: clock))
    return page.bytes
  }

  @Test(
    "the page's unwind table has its own functions first and then the host's",
    arguments: [VDSOImages.Architecture.x86_64, .i386])
  func both(architecture: VDSOImages.Architecture) throws {
    let host = try #require(HostUnwindTable(image([0x800, 0x900])))
    let page = try page(architecture)
    let own = try #require(HostUnwindTable(page))
    let covering = CodePage.covering(page, at: Self.header, host: host, at: Self.host)
    let table = try #require(HostUnwindTable(covering))
    #expect(table.entries.prefix(own.entries.count).elementsEqual(own.entries))
    #expect(table.entries.suffix(2).map(\.function) == [0x7800, 0x7900])
    #expect(table.entries.suffix(2).map(\.rules) == [0x7700, 0x7710])
    #expect(table.extent == 0x7000 + 0x1500)
    // All that the page was is still there.
    #expect(try SharedObject(memory: covering).symbols.count == SharedObject(memory: page).symbols.count)
  }

  @Test("the page's unwind table prefers functions that the page calls if space is scarce")
  func scarce() throws {
    let functions = (0..<200).map { 0x800 + 4 * $0 }
    let host = try #require(HostUnwindTable(image(functions)))
    let covering = CodePage.covering(
      try page(.x86_64, clock: Self.host + 0x800 + 4 * 150 + 2), at: Self.header, host: host, at: Self.host)
    let table = try #require(HostUnwindTable(covering))
    #expect(table.entries.contains { $0.function == 0x7800 + 4 * 150 })
    #expect(table.entries.map(\.function) == table.entries.map(\.function).sorted())
  }

  @Test("the page stays unchanged if the host's image is below it or far away, has no table, or the page isn't ours")
  func unchanged() throws {
    let host = try #require(HostUnwindTable(image([0x800])))
    let page = try page(.x86_64)
    #expect(CodePage.covering(page, at: Self.host, host: host, at: Self.header) == page)
    #expect(CodePage.covering(page, at: Self.header, host: host, at: Self.header + 1 << 31) == page)
    let strange = image([0x800])
    #expect(CodePage.covering(strange, at: Self.header, host: host, at: Self.host) == strange)
    #expect(HostUnwindTable([]) == nil)
    #expect(HostUnwindTable(Array(strange.prefix(0x608))) == nil)
    var many = strange
    many[0x60b] = 0x7f
    #expect(HostUnwindTable(many) == nil)
  }
}
