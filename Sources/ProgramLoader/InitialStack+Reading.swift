// SPDX-License-Identifier: Apache-2.0

public import AuxvLoader
import ELF

/// The stack as the program will read it, before it is at its address.
extension InitialStack: ReadableMemory {
  public func bytes(at address: UInt64, count: Int) -> [UInt8] {
    guard address >= stackPointer, address - stackPointer < UInt64(bytes.count), count > 0 else { return [] }
    return Array(bytes[Int(address - stackPointer)...].prefix(count))
  }

  /// The auxiliary vector, whose addresses lead to strings on the stack or outside it.
  public var vector: AuxiliaryVector {
    let format = AuxiliaryVector.Format(wordSize == .four ? .bits32 : .bits64, .littleEndian)
    let words = bytes(at: auxiliaryVector.lowerBound, count: auxiliaryVector.count)
    // The vector was written in this format, with its end, so it can be decoded.
    return (try? AuxiliaryVector(decoding: words, as: format)) ?? AuxiliaryVector()
  }
}
