// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import ExecEngine
import ProcessSupport
import VDSOResolver

extension AttachedProcess {
  /// The changes to the kernel's functions, and the addresses of their moved first instructions.
  static func record(
    of image: VDSOImage, in memory: ProcessMemory, at page: UInt64
  ) throws(AttachError) -> AttachmentRecord {
    var record = AttachmentRecord(image.width)
    for function in functions {
      guard let address = image.resolve(function).address else { continue }
      let code = memory.bytes(at: address, count: 1024)
      let place = record.nextPlace(page)
      let start = AttachmentRecord.Function(code, at: address, movedTo: place, image.width, memory)
      do throws(Prologue.Flaw) {
        _ = try start.prologue(of: code)
      } catch {
        throw AttachError(
          "\(function.name) of the kernel's vDSO can't be changed: it \(error.description); start the program with demo-loader instead"
        )
      }
      record.functions.append(start)
    }
    guard !record.functions.isEmpty else { throw AttachError("the kernel's vDSO has no clock functions") }
    return record
  }

  /// Makes a stopped thread continue in the moved code if it is within the first instructions of a function, now or in code that a signal
  /// has interrupted.
  func leaveFunctions(_ task: TracedTask) {
    guard var registers = try? task.registers() else { return }
    let addresses = record.functions.map { $0.address }
    let range = (addresses.min() ?? 0)..<(addresses.max() ?? 0) + UInt64(AttachmentRecord.originalSize)
    func moved(_ position: UInt64) -> UInt64? {
      range.contains(position) ? record.functions.lazy.compactMap { $0.moved(position) }.first : nil
    }
    if let place = unsafe moved(linux_program_counter(&registers)) {
      unsafe linux_set_program_counter(&registers, place)
      try? task.setRegisters(registers)
    }
    for context in SavedContexts.above(registers.stackPointer, in: range, of: process, image.width) {
      if let place = moved(context.program_counter) { rewrite(context, to: place) }
    }
  }

  func rewrite(_ context: linux_saved_context, to place: UInt64) {
    var bytes: [UInt8] = []
    image.width.append(place, to: &bytes)
    try? ProcessMemory(pid: process).write(bytes, at: context.place)
  }
}

extension Prologue.Flaw: CustomStringConvertible {
  var description: String {
    switch self {
    case .short: "is too short for a jump"
    case .unknown: "begins with an unknown instruction"
    case .loop: "jumps back to its first instructions"
    }
  }
}
