// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import ExecEngine

// Assumes: registers are a local variable that lives through the call.

/// A sequence of instructions that the kernel restarts if the thread is interrupted in it.
enum RestartableSequence {
  /// Whether a stopped thread is in such a sequence. The corresponding C structure is `rseq_cs`.
  static func isActive(in task: TracedTask) -> Bool {
    guard var registers = try? task.registers(), unsafe !linux_is_in_call(&registers) else { return false }
    let area = linux_rseq_area_of(task.id)
    let memory = ProcessMemory(pid: task.id)
    func word(_ address: UInt64) -> UInt64 {
      ByteOrder.littleEndian.word(UInt64.self, in: memory.bytes(at: address, count: 8), at: 0) ?? 0
    }
    guard area != 0 else { return false }
    let sequence = word(area + 8)
    guard sequence != 0 else { return false }
    return unsafe linux_program_counter(&registers) &- word(sequence + 8) < word(sequence + 16)
  }
}
