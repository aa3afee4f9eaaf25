// SPDX-License-Identifier: Apache-2.0

import ELF

/// System calls, stores and copies that a task is made to do by itself, one after the other, by a few bytes of code that
/// run in it. When it has finished, it continues as it was, whether it is still traced or not.
///
/// The words are as `injected_calls.h` says. Where an essential call fails, the task passes over the rest of them, as far as
/// `endOfEssentials`.
struct InjectedCalls {
  /// A word of an entry.
  enum Word {
    case value(UInt64)
    /// What an earlier call returned, and so many bytes further on.
    case result(Result, plus: UInt64 = 0)
    /// The four bytes that are then at an address.
    case memory(UInt64)
  }

  /// What a call is to return.
  struct Result: Hashable {
    /// Where it is stored, in bytes from the list's start.
    let offset: Int
    let isEssential: Bool
  }

  private enum Entry: UInt64 {
    case add = 0xffff_ffff_ffff_fffe
    case copy = 0xffff_ffff_ffff_fffd
  }

  /// What stands as the result of a call that was not made: EINPROGRESS, negated.
  private static let notMade: Int64 = -115

  let width: ELFClass
  /// Where the list lies in the task's memory.
  let address: UInt64
  /// The list as it lies there, without the end.
  private(set) var bytes: [UInt8] = []
  private(set) var results: [Result] = []
  /// Where the essential calls have the distance to the end of them all.
  private var distances: [Int] = []

  init(_ width: ELFClass, at address: UInt64) {
    self.width = width
    self.address = address
  }

  /// Adds a call.
  @discardableResult
  mutating func call(_ number: Int, _ arguments: Word..., isEssential: Bool = true, endsList: Bool = false) -> Result {
    let start = begin(arguments)
    append(UInt64(number))
    for argument in arguments { append(argument) }
    for _ in arguments.count..<6 { append(0) }
    if isEssential || endsList { distances.append(bytes.count) }
    append(0)
    let result = Result(offset: start + 8 * width.wordSize, isEssential: isEssential)
    append(UInt64(bitPattern: Self.notMade))
    results.append(result)
    return result
  }

  /// Adds the storing of a result at an address.
  mutating func store(_ result: Result, plus addend: UInt64 = 0, at destination: UInt64) {
    append(Entry.add.rawValue)
    append(address + UInt64(result.offset))
    append(addend)
    append(destination)
  }

  /// Adds the copying of bytes.
  mutating func copy(_ count: Int, from source: UInt64, to destination: Word) {
    _ = begin([.value(source), .value(UInt64(count)), destination])
    append(Entry.copy.rawValue)
    append(source)
    append(UInt64(count))
    append(destination)
  }

  /// Adds calls that are made only where an essential call has failed; the others are passed over then.
  mutating func onFailure(_ numbers: CallNumbers, _ undo: (inout InjectedCalls) -> Void) {
    var essentials = distances
    distances = []
    // A call that always fails passes over what follows.
    call(numbers.close, .value(.max), isEssential: false, endsList: true)
    swap(&distances, &essentials)
    endOfEssentials()
    undo(&self)
    distances = essentials
    endOfEssentials()
  }

  /// Says where the list goes on after an essential call has failed.
  mutating func endOfEssentials() {
    for offset in distances {
      let distance = UInt64(bytes.count - offset - 2 * width.wordSize)
      bytes.replaceSubrange(offset..<offset + width.wordSize, with: encoded(distance))
    }
    distances = []
  }

  /// Whether a task at `position` makes the call.
  func isMaking(_ call: Result, at position: UInt64) -> Bool {
    let end = address + UInt64(call.offset)
    return position > end - UInt64(8 * width.wordSize) && position <= end
  }

  /// What a call returned, by the list as it lies in the task's memory afterwards: an error number negated, anything else
  /// as it is.
  func value(of result: Result, in bytes: [UInt8]) -> Int64 {
    if width == .bits64 {
      return ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: result.offset).map(Int64.init(bitPattern:)) ?? -1
    }
    let word = ByteOrder.littleEndian.word(UInt32.self, in: bytes, at: result.offset) ?? .max
    return word > UInt32.max - 4095 ? Int64(Int32(bitPattern: word)) : Int64(word)
  }

  /// Has results stored in the entry that follows, whose words after the first are these; returns where it starts.
  private mutating func begin(_ words: [Word]) -> Int {
    let stores = words.count { if case .value = $0 { false } else { true } }
    let start = bytes.count + stores * 4 * width.wordSize
    for (index, word) in words.enumerated() {
      let place = address + UInt64(start + (index + 1) * width.wordSize)
      switch word {
      case .value: break
      case .result(let result, let addend): store(result, plus: addend, at: place)
      case .memory(let source): copy(4, from: source, to: .value(place))
      }
    }
    return start
  }

  private mutating func append(_ word: Word) {
    if case .value(let value) = word { append(value) } else { append(0) }
  }

  private mutating func append(_ word: UInt64) {
    bytes += encoded(word)
  }

  private func encoded(_ word: UInt64) -> [UInt8] {
    var result: [UInt8] = []
    if width == .bits64 {
      ByteOrder.littleEndian.append(word, to: &result)
    } else {
      ByteOrder.littleEndian.append(UInt32(truncatingIfNeeded: word), to: &result)
    }
    return result
  }
}
