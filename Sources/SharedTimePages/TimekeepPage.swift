// SPDX-License-Identifier: Apache-2.0

// FreeBSD's shared page, live: its reader and its writer.
//
// Assumes that the memory is as the caller of an initializer promises. The reader never writes.

import Synchronization

/// The reader of a live page of FreeBSD's. The corresponding C constant for the page's address is `AT_TIMEKEEP`.
///
/// Any number of threads may read, also while a writer is at work. Async-signal-safe and allocation-free.
public struct TimekeepPage: Sendable {
  /// A writer takes microseconds and uses four states in turn. If a reader is interrupted this often, the writer is dead or never finishes.
  private static let attempts = 64

  private let words: SharedWords
  private let format: TimekeepFormat

  /// Takes the page at `address`, of which `byteCount` bytes stay mapped while the value is used. Throws `.tooShort`.
  ///
  /// The page has this machine's byte order.
  @unsafe public init(
    mappedAt address: UnsafeRawPointer, byteCount: Int, format: TimekeepFormat = .native
  ) throws(TimePageError) {
    guard byteCount >= format.byteCount else { throw .tooShort(byteCount: byteCount, needed: format.byteCount) }
    words = unsafe SharedWords(address, byteCount: format.byteCount)
    self.format = format
  }

  /// The time since boot, by this machine's counter. The corresponding C call is FreeBSD's `clock_gettime(CLOCK_UPTIME)`.
  public func uptime() throws(TimePageError) -> BinaryTime {
    let (hands, count) = try reading { hands throws(TimePageError) in try hands.readCounter(format) }
    return hands.uptime(count: count)
  }

  /// The date, by this machine's counter. The corresponding C call is FreeBSD's `clock_gettime(CLOCK_REALTIME)`.
  public func date() throws(TimePageError) -> BinaryTime {
    let (hands, count) = try reading { hands throws(TimePageError) in try hands.readCounter(format) }
    return hands.date(count: count)
  }

  /// A consistent state, and the counter value that `counter` reads while that state is current.
  public func reading(
    _ counter: (Timehands) throws(TimePageError) -> UInt32
  ) throws(TimePageError) -> (timehands: Timehands, count: UInt32) {
    let version = words.load(at: 0)
    guard version == 1 else { throw .unknownVersion(version) }
    for _ in 0..<Self.attempts {
      guard words.load(at: 4) != 0 else { throw .disabled }
      let current = words.loadAcquiring(at: 8)
      guard current != .max else { continue }
      guard current < TimekeepFormat.ringCount else { throw .badIndex(current) }
      let start = format.ringOffset + Int(current) * format.stride
      let generation = words.loadAcquiring(at: start + 4)
      let hands = Timehands(format) { words.load(at: start + $0) }
      // If the state is torn, an error of reading the counter doesn't count, so it is thrown only after the state has proved consistent.
      let count = Result { () throws(TimePageError) in try counter(hands) }
      atomicMemoryFence(ordering: .acquiring)
      guard generation != 0, words.load(at: start + 4) == generation, words.load(at: 8) == current else { continue }
      return (hands, try count.get())
    }
    throw .busy
  }
}

/// The writer of a page like FreeBSD's.
///
/// One thread at a time may use it. Never blocks, allocates or calls the system.
public struct TimekeepWriter: Sendable {
  private let words: SharedWords
  private let format: TimekeepFormat
  private var current: UInt32 = 0
  private var generation: UInt32 = 0

  /// Makes a page of the zeroed, writable memory at `address`, `format.byteCount` bytes that stay mapped. The page is switched off until
  /// `publish`. It has this machine's byte order.
  @unsafe public init(initializing address: UnsafeMutableRawPointer, format: TimekeepFormat = .native) {
    words = unsafe SharedWords(address, byteCount: format.byteCount)
    self.format = format
    words.store(1, at: 0)
  }

  /// Makes a state current. A reader sees either the state before or this one, never a mixture.
  ///
  /// The writer sets the generation itself. The corresponding C function is `timehands_update`.
  public mutating func publish(_ hands: Timehands) {
    current = (current + 1) % UInt32(TimekeepFormat.ringCount)
    generation = generation == .max ? 1 : generation + 1
    let start = format.ringOffset + Int(current) * format.stride
    words.store(0, at: start + 4)
    atomicMemoryFence(ordering: .releasing)
    hands.write(format) { words.store($0, at: start + $1) }
    words.storeReleasing(generation, at: start + 4)
    words.storeReleasing(current, at: 8)
    words.storeReleasing(1, at: 4)
  }

  /// Switches the page off: readers ask the kernel from now on.
  public func disable() {
    words.storeReleasing(0, at: 4)
  }
}
