// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF

/// The initial stack that the kernel has made for a program, up to the auxiliary vector.
struct InitialStackView {
  let format: AuxiliaryVector.Format
  /// The stack pointer at the first instruction of the program, or of its interpreter.
  let stackPointer: UInt64
  /// The offset of the vector from the stack pointer.
  let vectorOffset: Int
  let vector: AuxiliaryVector

  /// The vector with the program's vDSO at `header`. If that is 0, the vector has no vDSO, and no AT_SYSINFO either, which is a part of the
  /// vDSO; libcs have another way into the kernel.
  ///
  /// No entry moves: a removed entry becomes one that is ignored.
  func vector(withVDSO header: UInt64) -> AuxiliaryVector {
    var result = vector
    for index in result.entries.indices {
      switch result.entries[index].key {
      case .vdso where header != 0: result.entries[index].value = header
      case .vdso,
        .systemCallEntry where header == 0:
        result.entries[index] = AuxiliaryVector.Entry(.ignore, 0)
      default: break
      }
    }
    return result
  }

  /// The bytes of that vector.
  func vectorBytes(withVDSO header: UInt64) -> [UInt8] {
    // The words fit, because they were read in this format, and the header is an address of the program's.
    (try? vector(withVDSO: header).encoded(as: format)) ?? []
  }

  /// The offset of a key's first entry from the vector's start; nil if there is none.
  func entryOffset(_ key: AuxvKey) -> UInt64? {
    vector.entries.firstIndex { $0.key == key }.map { UInt64($0 * 2 * format.elfClass.wordSize) }
  }

  /// The address of the vector in memory.
  var vectorAddress: UInt64 { stackPointer + UInt64(vectorOffset) }

  /// Whether nothing is mapped within 64 GiB below an address at which the kernel has mapped something for the new program: its file, its
  /// interpreter and its stack are elsewhere, and the kernel has mapped nothing else yet.
  func hasNothing(below address: UInt64) -> Bool {
    let keys: [AuxvKey] = [.interpreterBase, .programHeaders, .entry]
    let others = keys.compactMap { vector[$0] } + [stackPointer]
    return others.allSatisfy { $0 == 0 || $0 > address || address - $0 > 1 << 36 }
  }

  /// Reads the stack of a task that is before its first instruction.
  init(_ memory: ProcessMemory, stackPointer: UInt64, _ width: ELFClass) throws(SystemError) {
    format = AuxiliaryVector.Format(width, .littleEndian)
    self.stackPointer = stackPointer
    // Arguments and environment may have millions of pointers, but most programs have few.
    var size = 4096
    while true {
      let bytes = memory.bytes(at: stackPointer, count: size)
      if let found = Self.vector(in: bytes, format) {
        (vectorOffset, vector) = found
        return
      }
      guard bytes.count == size, size < 1 << 26 else {
        throw SystemError("find the auxiliary vector of process \(memory.pid)", errno: .badAddress)
      }
      size *= 2
    }
  }

  /// The vector in the first bytes of an initial stack, and its offset; nil if the bytes end before it does.
  static func vector(in stack: [UInt8], _ format: AuxiliaryVector.Format) -> (offset: Int, vector: AuxiliaryVector)? {
    let size = format.elfClass.wordSize
    func word(_ offset: Int) -> UInt64? {
      size == 8
        ? format.byteOrder.word(UInt64.self, in: stack, at: offset)
        : format.byteOrder.word(UInt32.self, in: stack, at: offset).map(UInt64.init)
    }
    guard let count = word(0), count < stack.count / size else { return nil }
    // Skips the count, the arguments and their null.
    var offset = (Int(count) + 2) * size
    while let pointer = word(offset) {
      offset += size
      if pointer == 0 {
        guard let vector = try? AuxiliaryVector(decoding: Array(stack[offset...]), as: format) else { return nil }
        return (offset, vector)
      }
    }
    return nil
  }
}
