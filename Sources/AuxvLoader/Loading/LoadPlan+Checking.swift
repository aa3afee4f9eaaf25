public import ELF

extension LoadPlan {
  /// What the plan must fit into.
  public struct Limits: Hashable, Sendable {
    public var pageSize: UInt64
    /// The addresses that a program can use.
    public var addresses: Range<UInt64>
    /// How many bytes may be mapped.
    public var memory: UInt64

    public init(pageSize: UInt64, addresses: Range<UInt64>, memory: UInt64) {
      self.pageSize = pageSize
      self.addresses = addresses
      self.memory = memory
    }
  }

  /// Checks every rule that the headers can break; the file's bytes aren't looked at.
  ///
  /// `table` is the program header table, `fileSize` in bytes: segments must lie inside the file.
  public init(
    header: ELFHeader, table: [ProgramHeader], fileSize: UInt64, limits: Limits
  ) throws(LoadFlaw) {
    for (index, segment) in table.enumerated() where segment.type == .load {
      try segment.check(index: index, fileSize: fileSize, limits: limits)
    }
    let loads = table.enumerated().filter { $0.element.type == .load && $0.element.memorySize > 0 }
    guard let last = loads.last?.element else { throw .noLoadableSegment }
    try Self.checkOrder(loads)
    guard loads.contains(where: { $0.element.flags.contains(.execute) && $0.element.memory.contains(header.entry) })
    else { throw .entryOutsideExecutableSegment(entry: header.entry) }

    segments = loads.map { Segment($0.element, index: $0.offset, pageSize: limits.pageSize) }
    placement =
      header.type == .executable
      ? .fixed : .relocatable(alignment: max(limits.pageSize, loads.map { $0.element.alignment }.max() ?? 0))
    entry = header.entry
    programHeaders = Self.address(ofOffset: header.programHeaderOffset, in: loads.map { $0.element })
    programHeaderCount = table.count
    programHeaderEntrySize = header.programHeaderEntrySize
    interpreter = try Self.interpreterPath(in: table, fileSize: fileSize)
    statesItsStack = table.contains { $0.type == .stack }
    stackIsExecutable = Self.stackIsExecutable(table, machine: header.machine)
    let code = loads.map { $0.element }.filter { $0.flags.contains(.execute) }
    bounds = Bounds(
      code: code[0].virtualAddress..<(code.map { $0.virtualAddress + $0.fileSize }.max() ?? 0),
      data: last.virtualAddress..<last.virtualAddress + last.fileSize,
      end: last.virtualAddress + last.memorySize)
    try checkExtent(limits)
  }

  private static func checkOrder(_ loads: [(offset: Int, element: ProgramHeader)]) throws(LoadFlaw) {
    for (previous, next) in zip(loads, loads.dropFirst()) {
      guard next.element.virtualAddress >= previous.element.virtualAddress else {
        throw .outOfOrder(segment: next.offset, address: next.element.virtualAddress)
      }
      guard next.element.virtualAddress >= previous.element.memory.upperBound else {
        throw .overlap(segment: next.offset, with: previous.offset, address: next.element.virtualAddress)
      }
    }
  }

  private func checkExtent(_ limits: Limits) throws(LoadFlaw) {
    var needed = UInt64(extent.count)
    if case .relocatable(let alignment) = placement { needed += alignment - limits.pageSize }
    let room = min(limits.memory, UInt64(limits.addresses.count))
    guard needed <= room else { throw .tooLarge(bytes: needed, limit: room) }
    if placement == .fixed, extent.lowerBound < limits.addresses.lowerBound {
      throw .addressTooLow(address: extent.lowerBound, limit: limits.addresses.lowerBound)
    }
  }

  /// Where a byte of the file is in memory. Segments are congruent to their place in the file, so this needs no base.
  private static func address(ofOffset offset: UInt64, in loads: [ProgramHeader]) -> UInt64? {
    loads.first { $0.fileOffset <= offset && offset - $0.fileOffset < $0.fileSize }
      .map { $0.virtualAddress + (offset - $0.fileOffset) }
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
    guard let stack = table.last(where: { $0.type == .stack }) else { return machine == .i386 }
    return stack.flags.contains(.execute)
  }
}

extension LoadPlan.Segment {
  /// The numbers have been checked: none of this wraps.
  fileprivate init(_ segment: ProgramHeader, index: Int, pageSize: UInt64) {
    let start = segment.virtualAddress
    let fileEnd = start + segment.fileSize
    let pages = segment.memory.pageAligned(pageSize)
    self.index = index
    flags = segment.flags
    filePages = segment.fileSize == 0 ? pages.lowerBound..<pages.lowerBound : (start..<fileEnd).pageAligned(pageSize)
    fileOffset = segment.fileOffset.roundedDown(to: pageSize)
    zeroPages = filePages.upperBound..<max(filePages.upperBound, pages.upperBound)
    let hasTail = segment.fileSize > 0 && segment.memorySize > segment.fileSize && segment.flags.contains(.write)
    zeroedTail = fileEnd..<(hasTail ? filePages.upperBound : fileEnd)
  }
}
