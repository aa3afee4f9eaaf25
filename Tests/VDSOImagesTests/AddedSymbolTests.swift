// SPDX-License-Identifier: Apache-2.0

import ELF
import Foundation
import SimulatedKernel
import TestSupport
import Testing
import VDSOImageRules
import VDSOImages

/// A page to which a second symbol was added for its function that reads a clock with 64-bit seconds.
private struct ExtendedPage: Sendable {
  static let number = SimulatedKernel::SymbolType(rawValue: 13)
  static let name = "clock_of_task"
  /// The version of the prefixed name on the machines where this test runs.
  static let version = "LINUX_2.6"

  var page: CodePage
  var existing: String

  init(_ architecture: VDSOImages.Architecture, _ flavor: VDSOImages.Flavor = .linux) throws {
    page = try #require(CodePage(architecture: architecture, flavor: flavor))
    let clock = architecture == .i386 ? SimulatedKernel::SymbolType(rawValue: 5) : .clockGettime
    existing = try #require(page.name(of: clock))
    try page.addSymbol(Self.number, named: Self.name, at: clock.slotOffset(on: architecture))
  }

  var file: [UInt8] { Array(page.bytes.prefix(page.fileSize)) }
  func fullName(_ name: String) -> String { page.architecture.symbolPrefix + name }
}

@Suite("Added symbols")
struct AddedSymbolTests {
  @Test(
    "adds symbols that keep every rule of code pages except Linux's names", arguments: VDSOImages.Architecture.allCases)
  func rules(architecture: VDSOImages.Architecture) throws {
    let extended = try ExtendedPage(architecture)
    let violations = ImageRules.violations(in: extended.file)
    #expect(violations.map(\.rule) == [.names])
    #expect(violations.first?.description.contains(ExtendedPage.name) == true)
  }

  @Test("finds added symbols by either hash table and without one", arguments: VDSOImages.Architecture.allCases)
  func lookups(architecture: VDSOImages.Architecture) throws {
    let extended = try ExtendedPage(architecture)
    let image = try ELFImage(bytes: extended.page.bytes, layout: .memory)
    for lookup in [DynamicSymbols.Lookup.gnuHash, .hash, .linear] {
      let symbols = try image.dynamicSymbols(lookup: lookup)
      let added = try symbols.symbol(named: extended.fullName(ExtendedPage.name))
      let existing = try symbols.symbol(named: extended.fullName(extended.existing))
      #expect(added != nil && added?.value == existing?.value && added?.version == existing?.version, "\(lookup)")
      #expect(added?.size == existing?.size && added?.binding == .global)
    }
  }

  @Test(
    "leaves every other symbol unchanged when one is added, as eu-readelf shows",
    arguments: VDSOImages.Architecture.allCases)
  func others(architecture: VDSOImages.Architecture) throws {
    func lines(_ bytes: [UInt8]) throws -> Set<String> {
      let symbols = try ReadelfReport(BuiltImage(architecture, bytes: bytes)).symbols()
      return Set(symbols.map { "\($0)" })
    }
    let extended = try ExtendedPage(architecture)
    let before = try lines(BuiltImage(architecture).bytes)
    let after = try lines(extended.file)
    #expect(before.isSubset(of: after))
    #expect(after.subtracting(before).count == 1)
    #expect(after.subtracting(before).first?.contains("\"\(extended.fullName(ExtendedPage.name))\"") == true)
  }

  @Test(
    "lists added symbols in the Mach header, and calls them at their slot", arguments: Runner.native + Runner.emulated)
  func calls(runner: Runner) throws {
    let extended = try ExtendedPage(runner.architecture)
    let result = try runner.run(
      "images/added-symbol.c", ["\(ExtendedPage.number.rawValue)", ExtendedPage.name, extended.existing],
      page: extended.page)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test("finds added symbols by dlvsym, by either hash table", arguments: Runner.native, [0x6fff_fef5, 4])
  func loader(runner: Runner, withoutTag tag: Int64) throws {
    let extended = try ExtendedPage(runner.architecture)
    let directory = try TemporaryDirectory()
    let library = "\(directory.path)/page.so"
    try Data(hiding(tag, in: extended.file)).write(to: URL(filePath: library))
    let program = try Fixtures.compile("images/versioned-lookup.c", with: runner.compiler, in: directory)
    let names = [ExtendedPage.name, extended.existing].map(extended.fullName)
    let result = try Command.run([program, library, ExtendedPage.version] + names)
    #expect(result.status == 0, "\(result.output)")
  }

  /// The file with another, unknown, tag in place of `tag` in its dynamic table.
  private func hiding(_ tag: Int64, in file: [UInt8]) throws -> [UInt8] {
    let table = try ELFImage(bytes: file).dynamicTable()
    let index = try #require(table.entries.firstIndex { $0.tag.rawValue == tag })
    let entry = Int(table.offset) + index * (file[4] == 2 ? 16 : 8)
    var file = file
    for (offset, byte) in [0xf0, 0xfe, 0xff, 0x6f].enumerated() { file[entry + offset] = UInt8(byte) }
    return file
  }

  @Test("adds symbols until the page is full, and then leaves it unchanged", arguments: BuiltImage.all)
  func several(image: BuiltImage) throws {
    var page = try #require(CodePage(architecture: image.architecture, flavor: image.flavor))
    let offset = SimulatedKernel::SymbolType.time.slotOffset(on: image.architecture)
    var added = 0
    for number in UInt32(13)..<16 {
      let before = page.bytes
      do throws(KernReturn) {
        try page.addSymbol(SimulatedKernel::SymbolType(rawValue: number), named: "time_\(number)", at: offset)
        added += 1
      } catch {
        #expect(error == .resourceShortage)
        let isUnchanged = page.bytes == before
        #expect(isUnchanged)
      }
    }
    #expect(added >= 1)
    let violations = ImageRules.violations(
      in: Array(page.bytes.prefix(page.fileSize)), traps: image.flavor == .linux)
    #expect(violations.allSatisfy { $0.rule == .names }, "\(violations)")
  }

  @Test("refuses an added symbol with a number or name in use, no name, or an offset without a function")
  func refusals() throws {
    var page = try #require(CodePage(architecture: .i386))
    let time = SimulatedKernel::SymbolType.time.slotOffset(on: .i386)
    let free = SimulatedKernel::SymbolType(rawValue: 13)
    let bytes = page.bytes
    for (symbol, name, offset) in [
      (.getpid, "own", time), (SimulatedKernel::SymbolType(rawValue: 16), "own", time), (free, "time", time),
      (free, "", time), (free, "two words", time), (free, "1st", time), (free, "a_name_of_24_characters_", time),
      (free, "own", time + 1), (free, "own", 0), (free, "own", -1), (free, "own", .max),
    ] {
      #expect(throws: KernReturn.invalidArgument, "\(name) at \(offset)") {
        try page.addSymbol(symbol, named: name, at: offset)
      }
    }
    let isUnchanged = page.bytes == bytes
    #expect(isUnchanged)
  }
}
