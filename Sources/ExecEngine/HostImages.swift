// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import SimulatedKernel
import VDSOResolver

/// The kernel's own vDSO images. Their address differs between processes, but all processes of one word size have the same image. Each is
/// read once, from a task that the kernel has just given it, because this process may have one of our pages instead.
struct HostImages {
  private var objects: [ELFClass: SharedObject] = [:]
  private var functionTables: [ELFClass: FunctionTables] = [:]

  /// The kernel's image at `address` in the process, where execve has mapped it; nil if it can't be read.
  mutating func image(at address: UInt64, in memory: ProcessMemory, _ width: ELFClass) -> VDSOImage? {
    if objects[width] == nil {
      let object = (try? VDSOImage(in: memory, at: address))?.object
      objects[width] = object
      functionTables[width] = object.flatMap { $0.vdsoExtent }
        .flatMap { FunctionTables(memory.bytes(at: address, count: Int(clamping: $0))) }
    }
    return objects[width].flatMap { try? VDSOImage($0, mappedAt: address) }
  }

  /// The tables of the functions of the image that `image` has returned.
  func tables(_ width: ELFClass) -> FunctionTables? { functionTables[width] }
}

extension VDSOImage {
  /// The address of `count` bytes in the image's last page that it doesn't use, or nil if it has no such gap.
  package func unusedBytes(_ count: Int) -> UInt64? {
    guard let end = object.vdsoExtent else { return nil }
    let pageSize = AuxvKey.pageSize.valueInThisProcess
    let place = ((end + pageSize - 1) & ~(pageSize - 1)) &- UInt64(count)
    return place >= end && place < end + pageSize - 1 ? address + (place & ~7) : nil
  }
}
