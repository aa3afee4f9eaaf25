// SPDX-License-Identifier: Apache-2.0

public import AuxvLoader
import ELF

/// What a program will read of its stack, before it is there.
extension InitialStack: ReadableMemory {
  public func bytes(at address: UInt64, count: Int) -> [UInt8] {
    guard address >= stackPointer, address - stackPointer < UInt64(bytes.count), count > 0 else { return [] }
    return Array(bytes[Int(address - stackPointer)...].prefix(count))
  }

  /// The auxiliary vector, whose addresses lead to strings on the stack or outside it.
  public var vector: AuxiliaryVector {
    let format = AuxiliaryVector.Format(wordSize == .four ? .bits32 : .bits64, .littleEndian)
    let words = bytes(at: auxiliaryVector.lowerBound, count: auxiliaryVector.count)
    // It was written in this format, its end included.
    return (try? AuxiliaryVector(decoding: words, as: format)) ?? AuxiliaryVector()
  }
}
