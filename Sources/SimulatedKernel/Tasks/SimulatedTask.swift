// SPDX-License-Identifier: Apache-2.0

public import VDSOImages

/// A task of the simulated kernel: an address space, and the auxiliary vector entries for it.
public final class SimulatedTask {
  public let architecture: VDSOImages.Architecture
  public var addressSpace: AddressSpace
  /// The address of the code page, which AT_SYSINFO_EHDR has; nil if the task has none.
  public internal(set) var codePage: UInt64?
  private var hasEnded = false

  /// The number of the auxiliary vector's entry for the code page. The corresponding C constant is `AT_SYSINFO_EHDR`.
  static let sysinfoEHDR: UInt64 = 33

  /// A task with nothing in its memory. The corresponding C function is `task_create` without a parent.
  public init(architecture: VDSOImages.Architecture) {
    self.architecture = architecture
    addressSpace = AddressSpace(limit: architecture.addressLimit)
  }

  /// The entries that the vDSO adds to the task's auxiliary vector.
  public var auxiliaryEntries: [(type: UInt64, value: UInt64)] {
    codePage.map { [(Self.sysinfoEHDR, $0)] } ?? []
  }

  /// Returns a child whose memory is inherited entry by entry, at the parent's addresses.
  ///
  /// Like all calls on a task, it gives MACH_SEND_INVALID_DEST after the task's end. The child shares its parent's time page and code page.
  /// Its identity page is zeroed, so that no id in it is valid. The corresponding C function is `task_create` with `inherit_memory`.
  public func fork() throws(KernReturn) -> SimulatedTask {
    guard !hasEnded else { throw .invalidDestination }
    let child = SimulatedTask(architecture: architecture)
    child.addressSpace = addressSpace.inherited
    child.codePage = codePage
    return child
  }

  /// Ends the task and frees its memory. The corresponding C function is `task_terminate`.
  public func terminate() throws(KernReturn) {
    guard !hasEnded else { throw .invalidDestination }
    addressSpace = AddressSpace(limit: 0)
    codePage = nil
    hasEnded = true
  }
}

extension VDSOImages.Architecture {
  /// The end of a task's addresses: GNU Mach's limit on i386, else that of Linux's smallest page tables.
  var addressLimit: UInt64 {
    switch self {
    case .i386: 0xc000_0000
    case .x86_64: 0x7fff_ffff_f000
    case .aarch64: 1 << 39
    case .riscv64: 1 << 38
    }
  }
}
