// SPDX-License-Identifier: Apache-2.0

import ELF
import Glibc

/// A plan that has been carried out: the program is in memory, and leaves it with its owner unless it is entered.
struct ProgramMapping: ~Copyable {
  let plan: LoadPlan
  /// What was added to the linked addresses.
  let bias: UInt64
  private var memory: MappingGuard
  private let runs: [Run]

  /// Pages that were reserved together, and where: elsewhere than the program needs them where this process itself is in the way.
  private struct Run {
    var linked: Range<UInt64>
    var address: UInt64

    func displacement(_ bias: UInt64) -> UInt64 { address &- (linked.lowerBound &+ bias) }
  }

  /// Where the pages of the segments will be. Gaps between them aren't the program's.
  var pages: [Range<UInt64>] {
    plan.pages.map { $0.shifted(by: bias) }
  }

  /// Where they are now.
  var currentPages: [Range<UInt64>] {
    plan.pages.map { $0.shifted(by: bias &+ displacement(of: $0)) }
  }

  /// What must still be moved: each part, which is one mapping, and where it goes.
  var moves: [(part: Range<UInt64>, target: UInt64)] {
    guard runs.contains(where: { $0.displacement(bias) != 0 }) else { return [] }
    return plan.visibleParts.filter { displacement(of: $0) != 0 }.map { part in
      (part.shifted(by: bias &+ displacement(of: part)), part.lowerBound &+ bias)
    }
  }

  /// Code of the file that is where it will stay.
  var settledCode: [Range<UInt64>] {
    guard moves.isEmpty else { return [] }
    return plan.visibleCode.map { $0.shifted(by: bias) }
  }

  var entry: UInt64 {
    plan.entry &+ bias
  }

  /// Reserves the addresses, then lays the segments into them in the table's order: the last one that claims a page has it.
  ///
  /// - Parameters:
  ///   - base: where a relocatable program is wanted; without it the kernel chooses.
  ///   - taken: what stays in memory under the program; no part of it may go there.
  init(
    _ image: borrowing ProgramImage, base: BaseAddress?, avoiding taken: [Range<UInt64>], pageSize: UInt64
  ) throws(LoadError) {
    var memory = MappingGuard()
    let bias: UInt64
    let runs: [Run]
    do throws(Errno) {
      switch image.plan.placement {
      case .fixed:
        bias = 0
        runs = try Self.reserveFixed(image.plan, in: &memory, taken)
      case .relocatable(let alignment):
        bias = try Self.reserve(image.plan, alignment, in: &memory, base: base, taken, pageSize)
        runs = [Run(linked: image.plan.extent, address: image.plan.extent.lowerBound &+ bias)]
      }
      for segment in image.plan.segments {
        try Self.lay(segment, of: image, in: memory, runs)
      }
    } catch {
      throw image.file.error(Self.reason(error, plan: image.plan))
    }
    plan = image.plan
    self.bias = bias
    self.runs = runs
    self.memory = memory
  }

  /// Gives the memory up to the program that is about to be entered.
  mutating func release() {
    memory.release()
  }

  private func displacement(of part: Range<UInt64>) -> UInt64 {
    Self.run(of: part, in: runs)?.displacement(bias) ?? 0
  }

  private static func run(of part: Range<UInt64>, in runs: [Run]) -> Run? {
    runs.first { $0.linked.lowerBound <= part.lowerBound && part.upperBound <= $0.linked.upperBound }
  }

  /// At the linked addresses, or where one of these is in use by this process, anywhere: what is in the way will be gone.
  private static func reserveFixed(
    _ plan: LoadPlan, in memory: inout MappingGuard, _ taken: [Range<UInt64>]
  ) throws(Errno) -> [Run] {
    let pages = plan.pages
    if pages.contains(where: { run in taken.contains { $0.overlaps(run) } }) { throw Errno.fileExists }
    var runs: [Run] = []
    for run in pages {
      let size = UInt64(run.count)
      let isFree = try memory.add(byteCount: size, atFree: run.lowerBound, avoiding: []) != nil
      let address = isFree ? run.lowerBound : try memory.add(byteCount: size, near: nil, avoiding: pages).lowerBound
      runs.append(Run(linked: run, address: address))
    }
    return runs
  }

  /// Returns the load bias. Nothing that is mapped already is touched.
  private static func reserve(
    _ plan: LoadPlan, _ alignment: UInt64, in memory: inout MappingGuard, base: BaseAddress?, _ taken: [Range<UInt64>],
    _ pageSize: UInt64
  ) throws(Errno) -> UInt64 {
    let first = plan.extent.lowerBound
    let size = UInt64(plan.extent.count)
    guard size > 0 else { return 0 }
    // The bias is the multiple of the alignment, so linked addresses keep theirs.
    let skew = first % alignment
    for candidate in base?.candidates(size + skew, alignment: alignment) ?? [] {
      if let range = try memory.add(byteCount: size, atFree: candidate + skew, avoiding: taken) {
        return range.lowerBound &- first
      }
    }
    if base?.end != nil { throw Errno.noMemory }
    let range = try memory.add(byteCount: size + skew, alignment: alignment, avoiding: taken, pageSize: pageSize)
    return range.lowerBound &+ skew &- first
  }

  private static func lay(
    _ segment: LoadPlan.Segment, of image: borrowing ProgramImage, in memory: borrowing MappingGuard, _ runs: [Run]
  ) throws(Errno) {
    func now(_ part: Range<UInt64>) -> Range<UInt64> {
      guard let run = run(of: part, in: runs) else { return part }
      return part.shifted(by: run.address &- run.linked.lowerBound)
    }
    if !segment.filePages.isEmpty {
      let protection = segment.flags.protection | (segment.flags.contains(.execute) ? image.codeProtection : 0)
      try memory.lay(
        now(segment.filePages), file: (image.file.file.descriptor, segment.fileOffset), protection: protection)
      memory.zero(now(segment.zeroedTail))
    }
    if !segment.zeroPages.isEmpty {
      // As in the kernel, these pages are always writable: the kernel treats them as the first pages of the break.
      try memory.lay(
        now(segment.zeroPages), file: nil,
        protection: PROT_READ | PROT_WRITE | segment.flags.protection & PROT_EXEC)
    }
  }

  private static func reason(_ error: Errno, plan: LoadPlan) -> LoadError.Reason {
    let lowest = Kernel.lowestAddress
    switch error {
    case .fileExists: return .addressesTaken(plan.extent)
    case .noMemory where plan.placement != .fixed: return .outOfMemory(bytes: UInt64(plan.extent.count))
    case .noMemory: return .outOfMemory(bytes: plan.pages.reduce(0) { $0 + UInt64($1.count) })
    case .notPermitted where plan.placement == .fixed && plan.pages.first.map { $0.lowerBound < lowest } == true:
      return .addressTooLow(plan.pages[0].lowerBound, limit: lowest)
    case .notPermitted, .permissionDenied: return .mappingForbidden(errno: error)
    default: return .mapping(errno: error)
    }
  }
}

extension LoadPlan {
  /// The parts of the pages, as linked, that no later segment covers. Each part is of one kind.
  var visibleParts: [Range<UInt64>] {
    let parts = segments.flatMap { [$0.filePages, $0.zeroPages] }
    return parts.indices.flatMap { Array(parts[($0 + 1)...]).complement(in: parts[$0]) }
  }

  /// The parts of them that the file fills and that can be read and executed.
  var visibleCode: [Range<UInt64>] {
    segments.indices.filter { segments[$0].flags.isSuperset(of: [.read, .execute]) }.flatMap { index in
      segments[(index + 1)...].flatMap { [$0.filePages, $0.zeroPages] }.complement(in: segments[index].filePages)
    }
  }

  /// The pages that must lie at their linked addresses; none for a relocatable program.
  var fixedPages: [Range<UInt64>] {
    placement == .fixed ? pages : []
  }
}

extension SegmentFlags {
  /// The corresponding C constants are `PROT_READ`, `PROT_WRITE` and `PROT_EXEC`.
  var protection: Int32 {
    (contains(.read) ? PROT_READ : 0) | (contains(.write) ? PROT_WRITE : 0) | (contains(.execute) ? PROT_EXEC : 0)
  }
}
