// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import VDSOImages

/// The consumers' contract of a vDSO, rule by rule, as elfutils reads the images. The package's own reader isn't involved.
@Suite("Built images")
struct StaticImageTests {
  @Test("built images fit into a page", arguments: BuiltImage.all)
  func size(image: BuiltImage) { #expect(image.bytes.count <= 4096) }

  @Test("built images have one segment: read and execute, at 0, completely in the file", arguments: BuiltImage.all)
  func segment(image: BuiltImage) throws {
    let loads = try ReadelfReport(image).segments().filter { $0.type == "LOAD" }
    let load = try #require(loads.first)
    #expect(loads.count == 1)
    #expect((load.offset, load.address, load.flags) == (0, 0, "RE"))
    #expect(load.fileSize == load.memorySize)
  }

  @Test(
    "built images have a dynamic table, notes, an unwind table and a plain stack header, and no others",
    arguments: BuiltImage.all)
  func programHeaders(image: BuiltImage) throws {
    let segments = try ReadelfReport(image).segments()
    #expect(segments.map(\.type) == ["LOAD", "DYNAMIC", "NOTE", "GNU_EH_FRAME", "GNU_STACK"])
    #expect(segments.last?.flags == "RW")
    #expect(segments.allSatisfy { $0.offset == $0.address })
    #expect(segments.dropLast().allSatisfy { $0.fileSize > 0 && $0.offset + $0.fileSize <= segments[0].fileSize })
  }

  @Test("built images have both hash tables, versions and a name, and no relocation", arguments: BuiltImage.all)
  func dynamicTable(image: BuiltImage) throws {
    let expected = [
      "GNU_HASH", "HASH", "NULL", "SONAME", "STRSZ", "STRTAB", "SYMENT", "SYMTAB", "VERDEF", "VERDEFNUM", "VERSYM",
    ]
    #expect(try ReadelfReport(image).tags().sorted() == expected)
  }

  @Test("built images are shared objects of the System V ABI", arguments: BuiltImage.all)
  func fileHeader(image: BuiltImage) throws {
    let report = try ReadelfReport(image)
    #expect(try report.header("OS/ABI:") == "UNIX - System V")
    #expect(try report.header("Type:")?.hasPrefix("DYN") == true)
  }

  @Test("the built i386 image starts at __kernel_vsyscall", arguments: VDSOImages.Flavor.allCases)
  func entryPoint(flavor: VDSOImages.Flavor) throws {
    let report = try ReadelfReport(BuiltImage(.i386, flavor))
    let entry = try #require(try report.symbols().first { $0.name == "__kernel_vsyscall" })
    #expect(try report.header("Entry point address:") == "0x\(String(entry.value, radix: 16))")
  }

  @Test(
    "built images export functions of at least 16 bytes, at multiples of 16, in the segment", arguments: BuiltImage.all)
  func functions(image: BuiltImage) throws {
    let symbols = try ReadelfReport(image).symbols()
    try #require(symbols.count > 10)
    for symbol in symbols {
      #expect(symbol.type == "FUNC" && symbol.section != "UNDEF" && symbol.binding != "LOCAL", "\(symbol.name)")
      #expect(symbol.size >= 16 && symbol.value % 16 == 0, "\(symbol.name): \(symbol.value), \(symbol.size) bytes")
      #expect(symbol.value >= 0x100 && symbol.value + symbol.size <= image.bytes.count, "\(symbol.name)")
    }
  }

  @Test("built images keep the sections that debuggers need, none of them writable", arguments: BuiltImage.all)
  func sections(image: BuiltImage) throws {
    let rows = try ReadelfReport(image).lines("-S").filter { $0.first == "[" && $0.count > 8 }
    let names = rows.map { $0[2] }
    #expect(names == ["NULL", ".text", ".dynsym", ".eh_frame", ".dynstr"])
    #expect(rows.allSatisfy { !$0[8].contains("W") }, "\(rows)")
  }

  @Test("built images have a build ID, and the note with the offset of the Mach header", arguments: BuiltImage.all)
  func notes(image: BuiltImage) throws {
    let rows = try ReadelfReport(image).lines("-n", bare: true)
    #expect(rows.contains { $0.first == "GNU" && $0.last == "GNU_BUILD_ID" }, "\(rows)")
    #expect(rows.contains { $0.first == "VDS" && $0.dropFirst().first == "4" }, "\(rows)")
  }

  @Test("built images give every symbol Linux's version for the architecture", arguments: BuiltImage.all)
  func versions(image: BuiltImage) throws {
    let expected: Set<String> =
      switch image.architecture {
      case .i386: ["LINUX_2.6", "LINUX_2.5"]
      case .x86_64: ["LINUX_2.6"]
      case .aarch64: ["LINUX_2.6.39"]
      case .riscv64: ["LINUX_4.15"]
      }
    #expect(try Set(ReadelfReport(image).symbols(bare: true).map(\.version)) == expected)
  }

  @Test("built images satisfy elflint except for sections that are left out", arguments: BuiltImage.all)
  func lint(image: BuiltImage) throws {
    let complaints = try ReadelfReport(image).lint()
    #expect(
      complaints.allSatisfy { $0.contains("owner name 'VDS'") || $0.contains("no .eh_frame_hdr section") },
      "\(complaints)")
  }

  @Test("built images have unwind rules for all of every function", arguments: BuiltImage.all)
  func unwindTable(image: BuiltImage) throws {
    let report = try ReadelfReport(image)
    let covered = try UnwindRanges(report)
    try #require(!covered.ranges.isEmpty)
    for symbol in try report.symbols() {
      #expect((symbol.value..<symbol.value + symbol.size).allSatisfy(covered.contains), "\(symbol.name)")
    }
  }
}

/// The address ranges that entries of `.eh_frame` cover, as `eu-readelf -wframes` prints them.
struct UnwindRanges {
  var ranges: [Range<Int>] = []

  init(_ report: ReadelfReport) throws {
    var start: Int?
    for words in try report.lines("-wframes") {
      if words.first == "initial_location:", let last = words.last {
        start = Int(last.dropLast().drop { $0 == "(" || $0 == "0" || $0 == "x" }, radix: 16)
      }
      if words.first == "address_range:", let begin = start, let end = words.last {
        ranges.append(begin..<(Int(end.dropLast().dropFirst(2), radix: 16) ?? begin))
      }
    }
  }

  func contains(_ address: Int) -> Bool { ranges.contains { $0.contains(address) } }
}
