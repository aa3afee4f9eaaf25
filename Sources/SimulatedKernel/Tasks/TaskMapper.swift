// SPDX-License-Identifier: Apache-2.0

import CVDSO
import VDSOImages

/// The address at which a task gets the code page.
public enum Placement: Hashable, Sendable {
  /// This address or none: KERN_NO_SPACE if something is mapped there.
  case exactly(UInt64)
  /// This address if it is free, else the next free one.
  case near(UInt64)
  /// At a random address.
  case random

  /// VDSO_USER_BASE, or the next free address.
  public static let preferred = Placement.near(UInt64(VDSO_USER_BASE))
}

/// Maps a kernel's pages into simulated tasks, and updates the time page that they share.
///
/// For real tasks there is `PageSet`.
public final class TaskMapper {
  public private(set) var kernel: SimulatedKernel
  /// The code page that tasks get from now on, without the host's entry points. All tasks share it.
  public private(set) var codeObject: MemoryObject
  /// The time page that all tasks share.
  public let timeObject: MemoryObject
  private let timePage: TimePage
  /// The memory between the pages, if they aren't adjacent: no task may access it.
  private let gapObject = MemoryObject()

  /// The distance from one page to the next.
  private var stride: UInt64 { kernel.architecture.pageStride }
  /// The number of pages that the three take, including the memory between them.
  private var pageCount: UInt64 { 2 * stride / AddressSpace.pageSize + 1 }

  /// Takes over an initialized kernel.
  public init(_ kernel: SimulatedKernel) throws(KernelError) {
    self.kernel = kernel
    codeObject = MemoryObject(try kernel.codePage(host: .none).bytes)
    timeObject = MemoryObject()
    unsafe timePage = TimePage(initializing: timeObject.address)
    timePage.publish(kernel.timeData)
  }

  /// Maps the three pages and returns the address of the code page.
  ///
  /// The maximum protection of the code page is read and execute, that of the other two read, and that of the memory between them none. So
  /// nothing can make them writable. Fails with KERN_INVALID_ARGUMENT for a task of another architecture or one that has the pages, and
  /// with KERN_NO_SPACE if there is no gap. The corresponding C function is `vdso_map_into_task`.
  public func map(
    into task: SimulatedTask, at placement: Placement = .preferred, identities: [TaskIdentity] = []
  ) throws(KernReturn) -> UInt64 {
    guard task.architecture == kernel.architecture, task.codePage == nil else { throw .invalidArgument }
    let start = try address(placement, in: task.addressSpace)
    try task.addressSpace.insert(
      MapEntry(
        address: start, object: timeObject, protection: .read, maximumProtection: .read, inheritance: .share))
    try task.addressSpace.insert(
      MapEntry(
        address: start + stride, object: identityObject(identities), protection: .read, maximumProtection: .read,
        inheritance: .zero))
    try task.addressSpace.insert(
      MapEntry(
        address: start + 2 * stride, object: codeObject, protection: [.read, .execute],
        maximumProtection: [.read, .execute], inheritance: .share))
    for page in [start, start + stride] {
      for gap in Swift.stride(from: page + AddressSpace.pageSize, to: page + stride, by: Int(AddressSpace.pageSize)) {
        try task.addressSpace.insert(
          MapEntry(address: gap, object: gapObject, protection: [], maximumProtection: [], inheritance: .share))
      }
    }
    task.codePage = start + 2 * stride
    return start + 2 * stride
  }

  /// Unmaps a task's pages. Does nothing if it has none.
  ///
  /// The corresponding C function is `vdso_unmap_from_task`.
  public func unmap(from task: SimulatedTask) {
    guard let code = task.codePage else { return }
    task.addressSpace.deallocate(code - 2 * stride, size: pageCount * AddressSpace.pageSize)
    task.codePage = nil
  }

  /// Adds a symbol to the page that tasks get from now on. Tasks that have the page keep it unchanged.
  ///
  /// Fails as `SimulatedKernel.addSymbol` does. The corresponding C function is `vdso_add_symbol`.
  public func addSymbol(_ symbol: SymbolType, named name: String, at offset: Int) throws(KernReturn) {
    try kernel.addSymbol(symbol, named: name, at: offset)
    guard let page = kernel.state.page else { throw .failure }
    codeObject = MemoryObject(page.bytes)
  }

  /// Updates the clocks after an interval has passed, and publishes the time to all tasks.
  public func tick() {
    kernel.tick()
    timePage.publish(kernel.timeData)
  }

  /// Returns the address at which `task` calls `symbol`; nil if it has no page, or the page has no such symbol.
  public func address(of symbol: SymbolType, in task: SimulatedTask) -> UInt64? {
    guard let code = task.codePage, let offset = kernel.offset(of: symbol) else { return nil }
    return code + UInt64(offset)
  }

  /// The address of the lowest page.
  private func address(_ placement: Placement, in space: AddressSpace) throws(KernReturn) -> UInt64 {
    let below = 2 * stride
    switch placement {
    case .exactly(let code):
      guard code >= below, space.isFree(code - below, pageCount: pageCount) else { throw .noSpace }
      return code - below
    case .near(let code): return try space.freeAddress(near: code - min(code, below), pageCount: pageCount)
    case .random:
      return try space.freeAddress(
        near: .random(in: AddressSpace.pageSize..<space.range.upperBound), pageCount: pageCount)
    }
  }

  private func identityObject(_ identities: [TaskIdentity]) -> MemoryObject {
    let object = MemoryObject()
    let page = unsafe IdentityPage(initializing: object.address)
    for entry in identities { page.set(entry.identity, to: entry.value) }
    return object
  }
}
