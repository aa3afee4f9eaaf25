// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELF
import Foundation
import TestSupport
import Testing
import VDSOImages

@testable import SimulatedKernel

@Suite("A page that reaches over the host's image")
struct HostCoverageTests {
  private static let header: UInt64 = 0x7f00_0000_f000
  private static let host: UInt64 = 0x7f00_0001_6000

  /// A 64-bit image like the kernel's with unwind rules for `functions`, of 16 bytes each, and one symbol for all of the code.
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
    image.replaceSubrange(0x600..<0x604, with: FunctionTables.form)
    set(functions.count, 4, at: 0x608)
    // One CIE, followed by the FDEs.
    let parent = 0x1000
    set(16, 4, at: parent)
    image.replaceSubrange(parent + 8..<parent + 20, with: [1, 0x7a, 0x52, 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8])
    for (index, function) in functions.enumerated() {
      let rules = parent + 20 + 20 * index
      set(function - 0x600, 4, at: 0x60c + 8 * index)
      set(rules - 0x600, 4, at: 0x610 + 8 * index)
      set(16, 4, at: rules)
      set(rules + 4 - parent, 4, at: rules + 4)
      set(function - (rules + 8), 4, at: rules + 8)
      set(16, 4, at: rules + 12)
    }
    // The section headers: an empty one, code, symbols, strings.
    let sections = 0x1e00
    set(sections, 8, at: 40)
    set(4, 2, at: 60)
    for (index, section) in [(1, 4, 0x800, 0x700), (11, 0, 0x1d00, 48), (3, 0, 0x1d80, 16)].enumerated() {
      let header = sections + 64 * (index + 1)
      set(section.0, 4, at: header + 4)
      set(section.1, 8, at: header + 8)
      set(section.2, 8, at: header + 16)
      set(section.3, 8, at: header + 32)
      set(index == 1 ? 3 : 0, 4, at: header + 40)
    }
    image.replaceSubrange(0x1d81..<0x1d87, with: Array("kernel".utf8))
    set(1, 4, at: 0x1d00 + 24)
    image[0x1d00 + 28] = 0x12
    set(1, 2, at: 0x1d00 + 30)
    set(0x810, 8, at: 0x1d00 + 32)
    set(0x100, 8, at: 0x1d00 + 40)
    return image
  }

  private func page(_ architecture: VDSOImages.Architecture, clock: UInt64 = 0) throws -> [UInt8] {
    var page = try #require(CodePage(architecture: architecture))
    page.setHostEntryPoints(HostEntryPoints(clockGettime: clock))
    return page.bytes
  }

  @Test(
    "the annex has the rules and names of the page's own functions first and then the host's",
    arguments: VDSOImages.Architecture.allCases)
  func both(architecture: VDSOImages.Architecture) throws {
    let host = try #require(FunctionTables(image([0x800, 0x900])))
    #expect(host.rules.map(\.function) == [0x800, 0x900])
    let page = try page(architecture)
    let own = try #require(FunctionTables(page))
    #expect(
      !own.rules.isEmpty && own.symbols.contains { String(decoding: $0.name, as: UTF8.self).hasSuffix("clock_gettime") }
    )
    let covering = CodePage.covering(page, at: Self.header, host: host, at: Self.host)
    #expect(covering.count == CodePage.coveringSize(page))
    let tables = try #require(FunctionTables(covering))
    #expect(tables.rules.dropLast(2).map(\.function) == own.rules.map(\.function))
    #expect(tables.rules.suffix(2).map(\.function) == [0x7800, 0x7900])
    // The contents of rules don't depend on their address.
    #expect(tables.rules.suffix(2).map { $0.entry.dropFirst(12) } == host.rules.map { $0.entry.dropFirst(12) })
    #expect(tables.extent == 0x7000 + 0x1500)
    // Except for the headers, the page is unchanged.
    #expect(try SharedObject(memory: covering).symbols.count == SharedObject(memory: page).symbols.count)
    #expect(covering[0x160..<page.count] == page[0x160...])
  }

  @Test(
    "readelf finds each function's name, the kernel's too, and one for code without a name",
    .enabled(if: Command.exists("readelf")))
  func names() throws {
    let host = try #require(FunctionTables(image([0x800])))
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/covering"
    try Data(CodePage.covering(page(.x86_64), at: Self.header, host: host, at: Self.host)).write(
      to: URL(filePath: file))
    let output = try Command.run(["readelf", "-W", "-s", "-S", "--debug-dump=frames", file]).output
    let symbols = output.split(separator: "\n").filter { $0.contains(" FUNC ") }.map {
      $0.split(separator: " ").suffix(2).joined(separator: " ")
    }
    #expect(symbols.contains("5 _host.kernel") && symbols.contains("5 _host.internal"), "\(output)")
    #expect(symbols.contains("1 __vdso_time") && symbols.contains("1 __vdso_internal"), "\(output)")
    #expect(output.contains("pc=0000000000007800..0000000000007810"), "\(output)")
    #expect(output.contains("NOBITS          0000000000007000"), "\(output)")
  }

  @Test("the annex prefers functions that the page calls if space is scarce")
  func scarce() throws {
    let functions = (0..<100).map { 0x800 + 16 * $0 }
    let host = try #require(FunctionTables(image(functions)))
    let covering = CodePage.covering(
      try page(.x86_64, clock: Self.host + 0x800 + 16 * 98 + 2), at: Self.header, host: host, at: Self.host)
    let tables = try #require(FunctionTables(covering))
    #expect(covering.count == 8192 && tables.rules.count < functions.count)
    #expect(tables.rules.contains { $0.function == 0x7800 + 16 * 98 })
    #expect(tables.rules.map(\.function) == tables.rules.map(\.function).sorted())
  }

  @Test("the page stays unchanged if the host's image is below it or far away, or the page isn't ours")
  func unchanged() throws {
    let host = try #require(FunctionTables(image([0x800])))
    let page = try page(.x86_64)
    #expect(CodePage.covering(page, at: Self.host, host: host, at: Self.header) == page)
    #expect(CodePage.covering(page, at: Self.header, host: host, at: Self.header + 1 << 31) == page)
    let strange = image([0x800])
    #expect(CodePage.covering(strange, at: Self.header, host: host, at: Self.host) == strange)
    #expect(CodePage.coveringSize(strange) == strange.count)
    #expect(FunctionTables([]) == nil)
  }

  @Test("damaged tables of the host have no rules and no names")
  func damaged() throws {
    let whole = image([0x800])
    #expect(FunctionTables(Array(whole.prefix(0x608)))?.rules == [])
    // A count that leads outside, rules of another function, a parent that isn't one, and a symbol table outside the image.
    for (offset, byte) in [(0x60b, 0x7f), (0x101c, 1), (0x1009, 0x50), (0x1018 + 3, 0xff)] {
      var changed = whole
      changed[offset] = UInt8(byte)
      #expect(FunctionTables(changed)?.rules == [], "\(offset)")
    }
    var changed = whole
    changed[0x1e00 + 128 + 17] = 0xff
    #expect(FunctionTables(changed)?.symbols == [])
    for offset in whole.indices where whole[offset] != 0 {
      var changed = whole
      changed[offset] ^= 0xff
      _ = FunctionTables(changed).map {
        CodePage.covering((try? page(.x86_64)) ?? [], at: Self.header, host: $0, at: Self.host)
      }
    }
  }
}
