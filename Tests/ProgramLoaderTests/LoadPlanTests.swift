// SPDX-License-Identifier: Apache-2.0

import ELF
import Testing

@testable import ProgramLoader

/// A program of two segments: code at 0x1000, data at 0x3000 with 0x2000 bytes of zeros after it.
private struct Program {
  var header: ProgramFileHeader
  var table: [ProgramHeader]
  var fileSize: UInt64 = 0x4000
  var limits = LoadPlan.Limits(pageSize: 4096, end: 0x7fff_ffff_f000)
  var isInterpreter = false

  init() {
    header = ProgramFileHeader(prefix: [])
    header.machine = .x86_64
    header.type = .sharedObject
    header.entry = 0x1100
    header.programHeaderOffset = 64
    table = [
      ProgramHeader(
        type: .load, flags: [.read, .execute], fileOffset: 0x1000, virtualAddress: 0x1000, fileSize: 0x800,
        memorySize: 0x800, alignment: 0x1000),
      ProgramHeader(
        type: .load, flags: [.read, .write], fileOffset: 0x2010, virtualAddress: 0x3010, fileSize: 0x100,
        memorySize: 0x2100, alignment: 0x1000),
    ]
  }

  func plan() throws(LoadFlaw) -> LoadPlan {
    try LoadPlan(header: header, table: table, fileSize: fileSize, isInterpreter: isInterpreter, limits: limits)
  }
}

@Suite("Load plan")
struct LoadPlanTests {
  @Test("prints a load error as one line without control characters, whatever the interpreter's name")
  func controlCharacters() {
    let error = LoadError(path: "/lib/\u{1b}]0;x\u{7}\n\r", reason: .empty, neededBy: ["/tmp/\u{b}"])
    #expect(error.description.hasPrefix(#"/lib/\u{1b}]0;x\u{7}\u{a}\u{d} (interpreter of /tmp/\u{b}): is empty"#))
  }

  @Test("maps segments in whole pages, zeroes the remainder of the last file page, and adds pages of zeros")
  func pages() throws {
    let plan = try Program().plan()
    #expect(plan.extent == 0x1000..<0x6000)
    #expect(plan.segments[0].filePages == 0x1000..<0x2000)
    #expect(plan.segments[0].zeroedTail.isEmpty && plan.segments[0].zeroPages.isEmpty)
    #expect(plan.segments[1].filePages == 0x3000..<0x4000)
    #expect(plan.segments[1].fileOffset == 0x2000)
    #expect(plan.segments[1].zeroedTail == 0x3110..<0x4000)
    #expect(plan.segments[1].zeroPages == 0x4000..<0x6000)
    #expect(plan.bounds.end == 0x5110)
  }

  @Test("uses the linked addresses only for programs with fixed addresses")
  func placement() throws {
    var program = Program()
    #expect(try program.plan().placement == .relocatable(alignment: 0x1000))
    program.table[0].alignment = 0x20_0000
    program.table[0].virtualAddress = 0x20_1000
    program.table[0].fileOffset = 0x1000
    program.table[1].virtualAddress = 0x40_3010
    program.header.entry = 0x20_1000
    #expect(try program.plan().placement == .relocatable(alignment: 0x20_0000))
    program.header.type = .executable
    #expect(try program.plan().placement == .fixed)
  }

  /// Changes to the program, and the rule that each breaks.
  private static let flaws: [(name: String, change: @Sendable (inout Program) -> Void, flaw: LoadFlaw)] = [
    (
      "an interpreter without a segment",
      {
        $0.isInterpreter = true
        $0.table = []
      }, .noLoadableSegment
    ),
    (
      "a file size beyond the memory size", { $0.table[0].memorySize = 0x7ff },
      .fileSizeExceedsMemorySize(segment: 0, fileSize: 0x800, memorySize: 0x7ff)
    ),
    (
      "an address that no page of the file fits", { $0.table[1].virtualAddress = 0x3020 },
      .addressNotCongruentToOffset(segment: 1, address: 0x3020, offset: 0x2010)
    ),
    (
      "a size that wraps", { $0.table[1].memorySize = .max - 0x3000 },
      .addressOutOfRange(segment: 1, address: 0x3010, size: .max - 0x3000)
    ),
    (
      "an address past the last one, of a segment without bytes",
      {
        $0.table[0].virtualAddress = 0x7fff_ffff_f000
        $0.table[0].fileSize = 0
        $0.table[0].memorySize = 0
      },
      .addressOutOfRange(segment: 0, address: 0x7fff_ffff_f000, size: 0)
    ),
    (
      "a page to be zeroed in part that the file has not", { $0.fileSize = 0x2000 },
      .beyondEndOfFile(segment: 1, offset: 0x2010, size: 0x100, fileSize: 0x2000)
    ),
    (
      "an offset past the greatest", { $0.table[0].fileOffset = 0x7fff_ffff_ffff_f000 },
      .beyondEndOfFile(segment: 0, offset: 0x7fff_ffff_ffff_f000, size: 0x800, fileSize: 0x4000)
    ),
    (
      "a fixed entry past the last address",
      {
        $0.header.type = .executable
        $0.header.entry = 0x7fff_ffff_f000
      }, .entryOutOfRange(entry: 0x7fff_ffff_f000, end: 0x7fff_ffff_f000)
    ),
  ]

  @Test("rejects program headers that break a rule, and names the rule", arguments: flaws.indices)
  func flaw(index: Int) throws {
    var program = Program()
    #expect(throws: Never.self) { try program.plan() }
    Self.flaws[index].change(&program)
    #expect(throws: Self.flaws[index].flaw, "\(Self.flaws[index].name)") { try program.plan() }
  }

  /// Changes to the program that the kernel accepts.
  private static let oddities: [(name: String, change: @Sendable (inout Program) -> Void)] = [
    ("no segment", { $0.table = [] }),
    ("an alignment of three", { $0.table[1].alignment = 3 }),
    ("an alignment that nothing has", { $0.table[1].alignment = 1 << 63 }),
    ("a file that was cut short", { $0.fileSize = 0x2001 }),
    (
      "a file without any segment's bytes",
      {
        $0.fileSize = 0x40; $0.table[1].memorySize = 0x100
      }
    ),
    ("segments out of order", { $0.table.swapAt(0, 1) }),
    ("segments that overlap", { $0.table[0].memorySize = 0x2011 }),
    ("an entry in data", { $0.header.entry = 0x3010 }),
    ("an entry nowhere", { $0.header.entry = 0x7fff_0000_0000 }),
    ("a low fixed address", { $0.header.type = .executable }),
    ("more than a process can have", { $0.table[1].memorySize = 0x7fff_f000_0000 }),
  ]

  @Test("accepts the program headers that the kernel accepts", arguments: oddities.indices)
  func oddity(index: Int) throws {
    var program = Program()
    Self.oddities[index].change(&program)
    #expect(throws: Never.self, "\(Self.oddities[index].name)") { try program.plan() }
  }

  @Test(
    "gives a page to the last segment that claims it, and the header table's address to the last segment that holds it")
  func overlap() throws {
    var program = Program()
    program.table[1].virtualAddress = 0x1010
    program.table[1].fileOffset = 0x10
    program.table[1].memorySize = 0x100
    program.header.programHeaderOffset = 0x40
    let plan = try program.plan()
    #expect(plan.segments.map(\.filePages) == [0x1000..<0x2000, 0x1000..<0x2000])
    #expect(plan.visibleParts == [0x1000..<0x2000])
    #expect(plan.programHeaders == 0x1040)
  }

  @Test("puts the break after the highest memory, also for a segment without bytes")
  func breakAddress() throws {
    var program = Program()
    program.table.append(program.table[0])
    program.table[2].virtualAddress = 0x9123
    program.table[2].fileSize = 0
    program.table[2].memorySize = 0
    #expect(try program.plan().bounds.end == 0x9123)
    #expect(try program.plan().extent == 0x1000..<0xa000)
  }
}
