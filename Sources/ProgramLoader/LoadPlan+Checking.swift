// SPDX-License-Identifier: Apache-2.0

public import ELF

extension LoadPlan {
  /// What the plan must fit into.
  public struct Limits: Hashable, Sendable {
    public var pageSize: UInt64
    /// The addresses that a program can use end here. The corresponding kernel constant is `TASK_SIZE`.
    public var end: UInt64

    public init(pageSize: UInt64, end: UInt64) {
      self.pageSize = pageSize
      self.end = end
    }
  }

  /// Checks every rule of the kernel's that the headers can break; of the file only its size counts.
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
    // The kernel doesn't ask an interpreter for what it asks a program for.
    interpreter = isInterpreter ? nil : try Self.interpreterPath(in: table, fileSize: fileSize)
    statesItsStack = table.contains { $0.type == .stack }
    stackIsExecutable = Self.stackIsExecutable(table, machine: header.machine)
    bounds = Bounds(loads.map { $0.element })
    let first = loads.map { $0.element.virtualAddress.roundedDown(to: limits.pageSize) }.min() ?? 0
    extent = first..<bounds.end.roundedUp(to: limits.pageSize)
    if isInterpreter, extent.isEmpty { throw .noLoadableSegment }
    // With an interpreter, the program's entry is the interpreter's affair.
    if case .fixed = placement, interpreter == nil, entry >= limits.end {
      throw .entryOutOfRange(entry: entry, end: limits.end)
    }
  }

  /// The greatest power of two among `alignments` that leaves a choice of addresses, at least a page. The corresponding kernel
  /// function is `maximum_alignment`.
  private static func alignment(_ alignments: [UInt64], _ limits: Limits) -> UInt64 {
    alignments.filter { $0 & ($0 &- 1) == 0 && $0 < limits.end / 4 }.reduce(limits.pageSize, max)
  }

  /// Where a byte of the file is in memory: where two segments hold it, in the later one.
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

  /// Without a PT_GNU_STACK, i386 programs get an executable stack and all others don't: Linux since 5.8.
  private static func stackIsExecutable(_ table: [ProgramHeader], machine: Machine) -> Bool {
    guard let stack = table.last(where: { $0.type == .stack }) else { return machine.isI386 }
    return stack.flags.contains(.execute)
  }
}

extension LoadPlan.Bounds {
  /// Those of segments that have been checked: none of this wraps.
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
  /// The numbers have been checked: none of this wraps.
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
