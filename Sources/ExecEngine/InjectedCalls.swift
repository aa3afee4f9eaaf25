// SPDX-License-Identifier: Apache-2.0

import ELF

/// System calls, stores and copies that a task executes by itself, one after the other, through a few bytes of code that run in it. When it
/// has finished, it continues unchanged, whether it is still traced or not.
///
/// The words have the format of `injected_calls.h`. If an essential call fails, the task skips the rest up to `endOfEssentials`.
struct InjectedCalls {
  /// A word of an entry.
  enum Word {
    case value(UInt64)
    /// The result of an earlier call, plus a number of bytes.
    case result(Result, plus: UInt64 = 0)
    /// The four bytes that are at an address at that time.
    case memory(UInt64)
  }

  /// The result of a call.
  struct Result: Hashable {
    /// The offset in the list at which it is stored.
    let offset: Int
    let isEssential: Bool
  }

  private enum Entry: UInt64 {
    case add = 0xffff_ffff_ffff_fffe
    case copy = 0xffff_ffff_ffff_fffd
  }

  /// More than any list has.
  static let mostBytes = 16_384

  /// The result of a call that was not made: EINPROGRESS, negated.
  static let notMade: Int64 = -115

  let width: ELFClass
  /// The address of the list in the task's memory.
  let address: UInt64
  /// The bytes of the list, without its end.
  private(set) var bytes: [UInt8] = []
  private(set) var results: [Result] = []
  /// The offsets at which the essential calls have their distance to the end of the essential part.
  private var distances: [Int] = []

  init(_ width: ELFClass, at address: UInt64) {
    self.width = width
    self.address = address
    bytes.reserveCapacity(4096)
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

  /// Adds a request of the session's supervisor, by an execve of nothing.
  @discardableResult
  mutating func request(
    _ numbers: CallNumbers, _ subject: UInt64, _ session: UInt64, _ argument: UInt64 = 0, isEssential: Bool = false
  ) -> Result {
    call(
      numbers.execve, .value(0), .value(SessionRequest.mark), .value(subject), .value(session & 0xffff_ffff),
      .value(argument), isEssential: isEssential)
  }

  /// Adds an entry that stores a result at an address.
  mutating func store(_ result: Result, plus addend: UInt64 = 0, at destination: UInt64) {
    append(Entry.add.rawValue)
    append(address + UInt64(result.offset))
    append(addend)
    append(destination)
  }

  /// Adds an entry that copies bytes.
  mutating func copy(_ count: Int, from source: UInt64, to destination: Word) {
    _ = begin([.value(source), .value(UInt64(count)), destination])
    append(Entry.copy.rawValue)
    append(source)
    append(UInt64(count))
    append(destination)
  }

  /// Adds calls that are made only if an essential call has failed, and skipped otherwise.
  mutating func onFailure(_ numbers: CallNumbers, _ undo: (inout InjectedCalls) -> Void) {
    let essentials = distances
    distances = []
    // A call that always fails skips what follows.
    call(numbers.close, .value(.max), isEssential: false, endsList: true)
    let past = distances
    distances = essentials
    endOfEssentials()
    undo(&self)
    distances = past
    endOfEssentials()
  }

  /// Adds calls that are made only if a descriptor is not open, and skipped otherwise.
  mutating func unlessOpen(_ descriptor: UInt64, _ numbers: CallNumbers, _ calls: (inout InjectedCalls) -> Void) {
    unlessDone(
      // F_GETFD.
      { $0.call(numbers.fcntl, .value(descriptor), .value(1), isEssential: false, endsList: true) }, numbers, calls)
  }

  /// Adds a call that ends the list if it fails, and others that are made only in that case.
  mutating func unlessDone(
    _ attempt: (inout InjectedCalls) -> Void, _ numbers: CallNumbers, _ calls: (inout InjectedCalls) -> Void
  ) {
    let essentials = distances
    distances = []
    // If this fails, the task skips the call that always fails, which skips what follows.
    attempt(&self)
    let failed = distances
    distances = []
    call(numbers.close, .value(.max), isEssential: false, endsList: true)
    let done = distances
    distances = failed
    endOfEssentials()
    distances = essentials
    calls(&self)
    let others = distances
    distances = done
    endOfEssentials()
    distances = others
  }

  /// Marks where the list continues after an essential call has failed.
  mutating func endOfEssentials() {
    for offset in distances {
      let distance = UInt64(bytes.count - offset - 2 * width.wordSize)
      for index in 0..<width.wordSize {
        bytes[offset + index] = UInt8(truncatingIfNeeded: distance >> (8 * UInt64(index)))
      }
    }
    distances = []
  }

  /// Whether a task at `position` makes the call.
  func isMaking(_ call: Result, at position: UInt64) -> Bool {
    let end = address + UInt64(call.offset)
    return position > end - UInt64(8 * width.wordSize) && position <= end
  }

  /// Why an essential call failed, by a list of which only the bytes are known, as they lie in the task's memory
  /// afterwards; nil if none did.
  static func error(in bytes: [UInt8], _ width: ELFClass) -> Int64? {
    let size = width.wordSize
    func word(_ index: Int, of entry: Int) -> Int64? {
      let offset = entry + index * size
      return width == .bits64
        ? ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: offset).map(Int64.init(bitPattern:))
        : ByteOrder.littleEndian.word(UInt32.self, in: bytes, at: offset).map { Int64(Int32(bitPattern: $0)) }
    }
    var entry = 0
    var error: Int64?
    while let first = word(0, of: entry), first != -1 {
      guard first >= 0 else {
        entry += 4 * size
        continue
      }
      guard let descriptor = word(1, of: entry), let distance = word(7, of: entry), let result = word(8, of: entry)
      else { return nil }
      // Calls of descriptor -1 are those that always fail. After an essential call has failed, no other one is made.
      if distance != 0, descriptor != -1, (-4095..<0).contains(result), result != notMade { error = result }
      entry += 9 * size
    }
    return error
  }

  /// The result of a call, read from the list in the task's memory afterwards: a negated error number, or any other value unchanged.
  func value(of result: Result, in bytes: [UInt8]) -> Int64 {
    if width == .bits64 {
      return ByteOrder.littleEndian.word(UInt64.self, in: bytes, at: result.offset).map(Int64.init(bitPattern:)) ?? -1
    }
    let word = ByteOrder.littleEndian.word(UInt32.self, in: bytes, at: result.offset) ?? .max
    return word > UInt32.max - 4095 ? Int64(Int32(bitPattern: word)) : Int64(word)
  }

  /// Stores results in the following entry, whose words after the first are these. Returns the entry's offset.
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
    width.append(word, to: &bytes)
  }
}
