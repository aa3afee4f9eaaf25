// SPDX-License-Identifier: Apache-2.0

public import ELF

extension LoadPlan {
  /// The bounds that the plan must respect.
  public struct Limits: Hashable, Sendable {
    /// The size of a page in bytes, a power of two.
    public var pageSize: UInt64
    /// The end of the addresses that a program can use. The corresponding kernel constant is `TASK_SIZE`.
    public var end: UInt64

    public init(pageSize: UInt64, end: UInt64) {
      self.pageSize = pageSize
      self.end = end
    }
  }

  /// Checks every rule of the kernel that the headers can break. Of the file itself, only the size counts.
  ///
  /// `table` is the program header table, `fileSize` in bytes. The corresponding kernel functions are `load_elf_binary` and,
  /// for an interpreter, `load_elf_interp`.
  public init(
    header: ProgramFileHeader, table: [ProgramHeader], fileSize: UInt64, isInterpreter: Bool = false, limits: Limits
  ) throws(LoadFlaw) {
    let loads = table.enumerated().filter { $0.element.type == .load }
    for (index, segment) in loads { try segment.check(index: index, fileSize: fileSize, limits: limits) }
    segments = loads.map { Segment($0.element, index: $0.offset, pageSize: limits.pageSize) }
    placement =
      header.type == .executable
      ? .fixed : .relocatable(alignment: Self.alignment(loads.map { $0.element.alignment }, limits))
    entry = header.entry
    programHeaders = Self.address(ofOffset: header.programHeaderOffset, in: loads.map { $0.element })
    programHeaderCount = table.count
    programHeaderEntrySize = header.programHeaderEntrySize
    // The kernel doesn't check an interpreter for what it checks in a program.
    interpreter = isInterpreter ? nil : try Self.interpreterPath(in: table, fileSize: fileSize)
    statesItsStack = table.contains { $0.type == .stack }
    stackIsExecutable = Self.stackIsExecutable(table, machine: header.machine)
    bounds = Bounds(loads.map { $0.element })
    let first = loads.map { $0.element.virtualAddress.roundedDown(to: limits.pageSize) }.min() ?? 0
    extent = first..<bounds.end.roundedUp(to: limits.pageSize)
    if isInterpreter, extent.isEmpty { throw .noLoadableSegment }
    // If there is an interpreter, the interpreter checks the program's entry.
    if case .fixed = placement, interpreter == nil, entry >= limits.end {
      throw .entryOutOfRange(entry: entry, end: limits.end)
    }
  }

  /// The greatest power of two among `alignments`, at least a page, that leaves a choice of addresses. The corresponding kernel function is
  /// `maximum_alignment`.
  private static func alignment(_ alignments: [UInt64], _ limits: Limits) -> UInt64 {
    alignments.filter { $0 & ($0 &- 1) == 0 && $0 < limits.end / 4 }.reduce(limits.pageSize, max)
  }

  /// The address in memory of a byte of the file. If two segments hold the byte, the later one counts.
  private static func address(ofOffset offset: UInt64, in loads: [ProgramHeader]) -> UInt64 {
    loads.last { $0.fileOffset <= offset && offset - $0.fileOffset < $0.fileSize }
      .map { $0.virtualAddress + (offset - $0.fileOffset) } ?? 0
  }

  private static func interpreterPath(
    in table: [ProgramHeader], fileSize: UInt64
  ) throws(LoadFlaw) -> Range<UInt64>? {
    guard let index = table.firstIndex(where: { $0.type == .interpreter }) else { return nil }
    let segment = table[index]
    // PATH_MAX is 4096; the shortest path is one character and its null.
    guard (2...4096).contains(segment.fileSize) else {
      throw .interpreterPathLength(segment: index, bytes: segment.fileSize)
    }
    let (end, wraps) = segment.fileOffset.addingReportingOverflow(segment.fileSize)
    guard !wraps, end <= fileSize else {
      throw .beyondEndOfFile(segment: index, offset: segment.fileOffset, size: segment.fileSize, fileSize: fileSize)
    }
    return segment.fileOffset..<end
  }

  /// Without a PT_GNU_STACK, i386 programs get an executable stack and all others don't, as in Linux since 5.8.
  private static func stackIsExecutable(_ table: [ProgramHeader], machine: Machine) -> Bool {
    guard let stack = table.last(where: { $0.type == .stack }) else { return machine.isI386 }
    return stack.flags.contains(.execute)
  }
}

extension LoadPlan.Bounds {
  /// The segments have been checked, so no sum wraps.
  fileprivate init(_ loads: [ProgramHeader]) {
    let code = loads.filter { $0.flags.contains(.execute) }
    let start = code.map { $0.virtualAddress }.min() ?? 0
    self.code = start..<(code.map { $0.virtualAddress + $0.fileSize }.max() ?? 0)
    data =
      (loads.map { $0.virtualAddress }.max() ?? 0)..<(loads.map { $0.virtualAddress + $0.fileSize }.max() ?? 0)
    end = loads.map { $0.virtualAddress + $0.memorySize }.max() ?? 0
  }
}

extension LoadPlan.Segment {
  /// The numbers have been checked, so no sum wraps.
  fileprivate init(_ segment: ProgramHeader, index: Int, pageSize: UInt64) {
    let start = segment.virtualAddress
    let fileEnd = start + segment.fileSize
    let hasZeros = segment.memorySize > segment.fileSize
    let firstPage = start.roundedDown(to: pageSize)
    self.index = index
    flags = segment.flags
    filePages = firstPage..<(segment.fileSize == 0 ? firstPage : fileEnd.roundedUp(to: pageSize))
    fileOffset = segment.fileOffset.roundedDown(to: pageSize)
    zeroPages =
      filePages
      .upperBound..<max(
        filePages.upperBound, hasZeros ? (start + segment.memorySize).roundedUp(to: pageSize) : 0)
    let hasTail = segment.fileSize > 0 && hasZeros && segment.flags.contains(.write)
    zeroedTail = fileEnd..<(hasTail ? filePages.upperBound : fileEnd)
  }
}
