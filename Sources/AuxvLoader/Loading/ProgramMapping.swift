import ELF
import Glibc

/// A plan that has been carried out: the program is in memory, and leaves it with its owner unless it is entered.
struct ProgramMapping: ~Copyable {
  let plan: LoadPlan
  /// What was added to the linked addresses.
  let bias: UInt64
  private var memory: OwnedPages

  /// Where the pages of the segments are. Gaps between them aren't the program's.
  var pages: [Range<UInt64>] {
    plan.pages.map { $0.shifted(by: bias) }
  }

  /// Where code of the file is.
  var executablePages: [Range<UInt64>] {
    plan.segments.filter { $0.flags.contains(.execute) && $0.flags.contains(.read) }
      .map { $0.filePages.shifted(by: bias) }
  }

  var entry: UInt64 {
    plan.entry &+ bias
  }

  /// Reserves the addresses, then lays the segments into them in the table's order.
  ///
  /// - Parameter base: where a relocatable program is wanted; without it the kernel chooses.
  init(_ image: borrowing ProgramImage, base: BaseAddress?, pageSize: UInt64) throws(LoadError) {
    var memory = OwnedPages()
    let bias: UInt64
    do throws(KernelError) {
      bias = try Self.reserve(image.plan, in: &memory, base: base, pageSize: pageSize)
      for segment in image.plan.segments {
        try Self.lay(segment, in: memory, bias: bias, descriptor: image.file.file.descriptor)
      }
    } catch {
      throw image.file.error(Self.reason(error, plan: image.plan))
    }
    plan = image.plan
    self.bias = bias
    self.memory = memory
  }

  /// Gives the memory up to the program that is about to be entered.
  mutating func release() {
    memory.release()
  }

  /// Returns the load bias. Nothing that is mapped already is touched.
  private static func reserve(
    _ plan: LoadPlan, in memory: inout OwnedPages, base: BaseAddress?, pageSize: UInt64
  ) throws(KernelError) -> UInt64 {
    guard case .relocatable(let alignment) = plan.placement else {
      for run in plan.pages { try memory.add(byteCount: UInt64(run.count), at: run.lowerBound) }
      return 0
    }
    let first = plan.extent.lowerBound
    let size = UInt64(plan.extent.count)
    // The bias is the multiple of the alignment, so linked addresses keep theirs.
    let skew = first % alignment
    for candidate in base?.candidates(alignment: alignment) ?? [] {
      do throws(KernelError) {
        return try memory.add(byteCount: size, at: candidate + skew).lowerBound &- first
      } catch  where error.number == EEXIST {
        continue
      }
    }
    if base?.isRequired == true { throw KernelError(number: ENOMEM) }
    let range = try memory.add(byteCount: size + skew, alignment: alignment, pageSize: pageSize)
    return range.lowerBound &+ skew &- first
  }

  private static func lay(
    _ segment: LoadPlan.Segment, in memory: borrowing OwnedPages, bias: UInt64, descriptor: Int32
  ) throws(KernelError) {
    let protection = segment.flags.protection
    if !segment.filePages.isEmpty {
      try memory.lay(
        segment.filePages.shifted(by: bias), file: (descriptor, segment.fileOffset), protection: protection)
      memory.zero(segment.zeroedTail.shifted(by: bias))
    }
    if !segment.zeroPages.isEmpty {
      try memory.lay(segment.zeroPages.shifted(by: bias), file: nil, protection: protection)
    }
  }

  private static func reason(_ error: KernelError, plan: LoadPlan) -> LoadError.Reason {
    switch error.number {
    case EEXIST: .addressesTaken(plan.extent)
    case ENOMEM: .outOfMemory(bytes: plan.pages.reduce(0) { $0 + UInt64($1.count) })
    case EPERM, EACCES: .mountedNoExec
    default: .file(errno: error.number)
    }
  }
}

extension SegmentFlags {
  /// The corresponding C constants are `PROT_READ`, `PROT_WRITE` and `PROT_EXEC`.
  var protection: Int32 {
    (contains(.read) ? PROT_READ : 0) | (contains(.write) ? PROT_WRITE : 0) | (contains(.execute) ? PROT_EXEC : 0)
  }
}
