import AuxvLoader
import ELF
import Testing

/// A program of two segments: code at 0x1000, data at 0x3000 with 0x2000 bytes of zeros after it.
private struct Program {
  var header: ELFHeader
  var table: [ProgramHeader]
  var fileSize: UInt64 = 0x4000
  var limits = LoadPlan.Limits(pageSize: 4096, addresses: 0x1_0000..<0x7fff_ffff_f000, memory: .max)

  init() throws {
    header = try ELFImage(path: "/bin/true").header
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
    try LoadPlan(header: header, table: table, fileSize: fileSize, limits: limits)
  }
}

@Suite("Load plan")
struct LoadPlanTests {
  @Test("lays segments in whole pages, zeroes the rest of the last file page, and leaves whole pages of zeros")
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

  @Test("places a program at its linked addresses only where it is an executable")
  func placement() throws {
    var program = try Program()
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
    ("no segment", { $0.table = [] }, .noLoadableSegment),
    (
      "a file size beyond the memory size", { $0.table[0].memorySize = 0x7ff },
      .fileSizeExceedsMemorySize(segment: 0, fileSize: 0x800, memorySize: 0x7ff)
    ),
    (
      "an alignment of three", { $0.table[1].alignment = 3 },
      .alignmentNotPowerOfTwo(segment: 1, alignment: 3)
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
      "a file that was cut short", { $0.fileSize = 0x2020 },
      .beyondEndOfFile(segment: 1, offset: 0x2010, size: 0x100, fileSize: 0x2020)
    ),
    (
      "segments out of order", { $0.table.swapAt(0, 1) },
      .outOfOrder(segment: 1, address: 0x1000)
    ),
    (
      "segments that overlap", { $0.table[0].memorySize = 0x2011 },
      .overlap(segment: 1, with: 0, address: 0x3010)
    ),
    (
      "an entry in data", { $0.header.entry = 0x3010 },
      .entryOutsideExecutableSegment(entry: 0x3010)
    ),
    ("more than the limit", { $0.limits.memory = 0x4000 }, .tooLarge(bytes: 0x5000, limit: 0x4000)),
    (
      "a fixed address below those that may be mapped", { $0.header.type = .executable },
      .addressTooLow(address: 0x1000, limit: 0x1_0000)
    ),
  ]

  @Test("refuses headers that break a rule, by the rule's name", arguments: flaws.indices)
  func flaw(index: Int) throws {
    var program = try Program()
    #expect(throws: Never.self) { try program.plan() }
    Self.flaws[index].change(&program)
    #expect(throws: Self.flaws[index].flaw, "\(Self.flaws[index].name)") { try program.plan() }
  }
}
