import ELF

/// System calls that a stopped task is made to make, one after the other, by a few bytes of code that run in it.
///
/// The list lies in the task's writable memory, and the stack pointer walks over it: each entry is popped, the call made,
/// and its result stored in the entry's last word. A number below zero ends the list at a trap instruction. Calls go on
/// after one that fails.
struct CallList {
  struct Call: Hashable {
    var number: Int
    var arguments: [UInt64]
  }

  /// Words of an entry: number, six arguments, result.
  private static let entryWords = 8

  let width: ELFClass
  private(set) var calls: [Call] = []

  init(_ width: ELFClass) {
    self.width = width
  }

  /// Adds a call and returns the index of its result.
  @discardableResult
  mutating func append(_ number: Int, _ arguments: UInt64...) -> Int {
    calls.append(Call(number: number, arguments: arguments))
    return calls.count - 1
  }

  /// The list as it lies in the task's memory.
  var bytes: [UInt8] {
    var result: [UInt8] = []
    for call in calls {
      let words = [UInt64(call.number)] + call.arguments
      for word in words + Array(repeating: 0, count: Self.entryWords - words.count) { append(word, to: &result) }
    }
    append(.max, to: &result)
    return result
  }

  /// What each call returned, by the list as it lies in the task's memory afterwards: an error number negated, anything
  /// else as it is.
  func results(in bytes: [UInt8]) -> [Int64] {
    calls.indices.map { index in
      let offset = ((index + 1) * Self.entryWords - 1) * width.wordSize
      if width == .bits64 {
        return ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: offset).map(Int64.init(bitPattern:)) ?? -1
      }
      let word = ByteOrder.littleEndian.word(UInt32.self, in: bytes, at: offset) ?? .max
      return word > UInt32.max - 4095 ? Int64(Int32(bitPattern: word)) : Int64(word)
    }
  }

  private func append(_ word: UInt64, to bytes: inout [UInt8]) {
    if width == .bits64 {
      ByteOrder.littleEndian.append(word, to: &bytes)
    } else {
      ByteOrder.littleEndian.append(UInt32(truncatingIfNeeded: word), to: &bytes)
    }
  }
}
