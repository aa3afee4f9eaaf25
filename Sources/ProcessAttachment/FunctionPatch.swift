// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CVDSO
import VDSOResolver

/// The changes to the kernel's image: in each function the bytes of a jump, with one write for each page.
struct FunctionPatch {
  private var writes: [(address: UInt64, bytes: [UInt8])] = []

  /// Plans jumps from the functions of `image` to `target`.
  init(
    _ image: VDSOImage, _ record: AttachmentRecord, _ memory: ProcessMemory, target: (VDSOFunction) -> UInt64?
  ) throws(AttachError) {
    var changes: [(address: UInt64, bytes: [UInt8])] = []
    for function in AttachedProcess.functions {
      guard let address = image.resolve(function).address else { continue }
      guard let target = target(function), let jump = Prologue.jump(at: address, to: target, image.width) else {
        throw AttachError("the page has no \(function.name) within 2 GiB of the kernel's vDSO")
      }
      changes.append((address, jump))
    }
    self.init(changes, memory)
  }

  /// Plans to restore the functions.
  init(restoring record: AttachmentRecord, _ memory: ProcessMemory) {
    self.init(record.functions.map { ($0.address, Array($0.original.prefix(Prologue.jumpSize))) }, memory)
  }

  private init(_ changes: [(address: UInt64, bytes: [UInt8])], _ memory: ProcessMemory) {
    for change in changes.sorted(by: { $0.address < $1.address }) {
      let page = UInt64(VDSO_PAGE_SIZE)
      if let last = writes.last, (change.address + UInt64(change.bytes.count) - 1) / page == last.address / page {
        let end = last.address + UInt64(last.bytes.count)
        guard change.address >= end else { continue }
        let between = memory.bytes(at: end, count: Int(change.address - end))
        writes[writes.count - 1].bytes += between + change.bytes
      } else {
        writes.append(change)
      }
    }
  }

  /// Writes the changes. All threads must be stopped.
  func apply(to process: Int32) throws(AttachError) {
    for write in writes { try overwrite(write.bytes, in: process, at: write.address) }
  }
}
