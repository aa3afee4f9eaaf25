// SPDX-License-Identifier: Apache-2.0

import CElf
import CLinux
import ELF
import Glibc
import TestSupport
import Testing

@Suite("Dynamic symbols")
struct DynamicSymbolsTests {
  static let lookups: [DynamicSymbols.Lookup] = [.gnuHash, .hash, .linear]

  @Test("finds symbols in every format through every kind of lookup", arguments: ELFVariant.all, lookups)
  func everyFormat(variant: ELFVariant, lookup: DynamicSymbols.Lookup) throws {
    var builder = ELFImageBuilder(variant)
    builder.baseAddress = variant.is64 ? 0xffff_ffff_ff70_0000 : 0xff70_0000
    let symbols = try ELFImage(bytes: builder.build().bytes).dynamicSymbols(lookup: lookup)
    #expect(symbols.soname == "linux-vdso.so.1")
    #expect(symbols.versions.map(\.name) == ["linux-vdso.so.1", "LINUX_2.6"])
    #expect(symbols.count == 7)
    let symbol = try #require(try symbols.symbol(named: "__vdso_clock_gettime", version: "LINUX_2.6"))
    #expect(symbol.value == builder.baseAddress + 0x800)
    #expect(symbol.size == 16)
    #expect(symbol.type == .function && symbol.binding == .global && symbol.section == .index(9))
    #expect(symbol.version == "LINUX_2.6" && !symbol.isHidden)
    #expect(try symbols.symbol(named: "LINUX_2.6")?.section == .absolute)
    #expect(try symbols.symbol(named: "clock_gettime")?.binding == .weak)
    #expect(try symbols.symbol(named: "__vdso_clock_gettim") == nil)
    #expect(try symbols.symbol(named: "__vdso_clock_gettime", version: "LINUX_2.5") == nil)
    #expect(try symbols.symbol(containing: builder.baseAddress + 0x84f)?.name == "__vdso_gettimeofday")
    #expect(try symbols.symbol(containing: builder.baseAddress + 0x850) == nil)
  }

  @Test("chooses the best symbol lookup table that an image has")
  func choice() throws {
    for (hash, gnuHash, expected) in [
      (true, true, DynamicSymbols.Lookup.gnuHash), (true, false, .hash), (false, true, .gnuHash),
      (false, false, .linear),
    ] {
      var builder = ELFImageBuilder()
      (builder.hasHashTable, builder.hasGNUHashTable) = (hash, gnuHash)
      let symbols = try ELFImage(bytes: builder.build().bytes).dynamicSymbols()
      #expect(symbols.lookup == expected)
      #expect(symbols.count == 7)
      #expect(try symbols.symbol(named: "__vdso_time", version: "LINUX_2.6") != nil)
    }
  }

  @Test("reads the 64-bit hash words of s390x")
  func wideHashWords() throws {
    var builder = ELFImageBuilder(ELFVariant(.bits64, .bigEndian))
    builder.machine = .s390
    builder.hasGNUHashTable = false
    let symbols = try ELFImage(bytes: builder.build().bytes).dynamicSymbols()
    #expect(symbols.lookup == .hash)
    #expect(try symbols.symbol(named: "__vdso_getcpu") != nil)
  }

  @Test("hides hidden versions from references without one, and separates equal names by version")
  func versions() throws {
    var builder = ELFImageBuilder()
    builder.versions = ["V1", "V2"]
    builder.symbols = [
      .init("f", at: 0x800, version: 0, isHidden: true), .init("f", at: 0x900, version: 1),
      .init("g", at: 0xa00, version: 0, isHidden: true), .init("h", at: 0xb00, version: nil),
    ]
    for lookup in Self.lookups {
      let symbols = try ELFImage(bytes: builder.build().bytes).dynamicSymbols(lookup: lookup)
      #expect(try symbols.symbol(named: "f")?.value == 0x900)
      #expect(try symbols.symbol(named: "f", version: "V1")?.value == 0x800)
      #expect(try symbols.symbol(named: "g") == nil)
      #expect(try symbols.symbol(named: "h")?.version == nil)
      #expect(try symbols.symbol(named: "h", version: "V1") == nil)
    }
  }

  @Test("accepts any version in an image that defines none")
  func noVersions() throws {
    var builder = ELFImageBuilder()
    builder.hasVersions = false
    let symbols = try ELFImage(bytes: builder.build().bytes).dynamicSymbols()
    #expect(try symbols.symbol(named: "__vdso_time", version: "LINUX_2.6") != nil)
  }

  @Test("finds by hash lookup what linear search finds, on random images", arguments: ELFVariant.all)
  func randomImages(variant: ELFVariant) throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      var builder = ELFImageBuilder(variant)
      builder.byteCount = 0x8000
      let names = Set((0..<Int.random(in: 1...120, using: &generator)).map { _ in randomName(&generator) })
      builder.symbols = names.sorted().enumerated().map { index, name in
        .init(name, at: UInt64(0x1000 + index * 16), section: UInt16.random(in: 0...3, using: &generator) == 0 ? 0 : 9)
      }
      let image = try ELFImage(bytes: builder.build().bytes)
      let linear = try image.dynamicSymbols(lookup: .linear)
      for lookup in [DynamicSymbols.Lookup.gnuHash, .hash] {
        let hashed = try image.dynamicSymbols(lookup: lookup)
        for name in names.sorted() + ["", "absent"] {
          let found = try hashed.symbol(named: name)
          #expect(found == (try linear.symbol(named: name)), "\(name) seed \(seed)")
        }
      }
    }
  }

  private func randomName(_ generator: inout SeededGenerator) -> String {
    String(
      (0..<Int.random(in: 1...30, using: &generator)).map { _ in "abcdefgh_XYZ0189".randomElement(using: &generator)! })
  }
}

private typealias VersionedLookup =
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>, UnsafePointer<CChar>) -> UnsafeMutableRawPointer?

@Suite("Symbols of real images")
struct RealSymbolsTests {
  @Test("agrees with dlvsym on the kernel's vDSO")
  func dlvsymAgrees() throws {
    let base = UInt(linux_getauxval(33))
    let handle = unsafe dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD)
    try #require(unsafe handle != nil)
    // Swift's Glibc module lacks dlvsym: the C library declares it only with _GNU_SOURCE.
    let dlvsym = unsafe try unsafeBitCast(#require(dlsym(nil, "dlvsym")), to: VersionedLookup.self)
    let start = unsafe try #require(UnsafeRawPointer(bitPattern: base))
    let symbols = unsafe try ELFImage(mappedAt: start, byteCount: 8192).dynamicSymbols()
    let functions = try symbols.defined().filter { $0.type == .function }
    #expect(functions.count >= 8)
    for symbol in functions {
      let expected = unsafe dlvsym(handle, symbol.name, symbol.version ?? "")
      let address = UInt(bitPattern: expected)
      #expect(address == base + UInt(symbol.value), "\(symbol.name)")
    }
  }

  @Test(
    "agrees with eu-readelf on symbols, versions and build ID",
    .enabled(if: Command.exists("eu-readelf"), "needs elfutils"),
    arguments: [
      "/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6",
      "/lib/x86_64-linux-gnu/libelf.so.1", "/lib32/libc.so.6",
    ])
  func readelf(path: String) throws {
    let image = try ELFImage(path: path)
    let shown = try Command.run(["eu-readelf", "--symbols=.dynsym", path]).output
    var expected: Set<String> = []
    for line in shown.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 8, words[0].hasSuffix(":"), words[0] != "Num:", words[6] != "UNDEF" else { continue }
      expected.insert("\(UInt64(words[1], radix: 16) ?? 0) \(words[2]) \(words[7])")
    }
    let symbols = try image.dynamicSymbols()
    let found = try symbols.defined().filter { $0.name != "" }.map { symbol in
      let version = symbol.version.map { (symbol.isHidden ? "@" : "@@") + $0 } ?? ""
      return "\(symbol.value) \(symbol.size) \(symbol.name)\(version)"
    }
    #expect(expected.count > 50)
    #expect(expected.symmetricDifference(found) == [])
    let identifier = try #require(try image.buildID()).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
    #expect(try Command.run(["eu-readelf", "-n", path]).output.contains("Build ID: " + identifier.joined()))
  }
}
