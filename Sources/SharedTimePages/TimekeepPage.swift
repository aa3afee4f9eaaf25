// SPDX-License-Identifier: Apache-2.0

// FreeBSD's shared page, live: its reader and its writer.
//
// Assumes: what the caller of an initialiser promises of the memory. The reader never writes.

import Synchronization

/// The reader of a live page of FreeBSD's. The corresponding C constant for its address is `AT_TIMEKEEP`.
///
/// Any number of threads may read, also while a writer is at work. Async-signal-safe and allocation-free.
public struct TimekeepPage: Sendable {
  /// A writer takes microseconds, and four states in turn: a reader that is interrupted this often has a writer that is dead or never ends.
  private static let attempts = 64

  private let words: SharedWords
  private let format: TimekeepFormat

  /// Takes the page at `address`, of which `byteCount` bytes stay mapped while the value is used. Throws `.tooShort`.
  ///
  /// In this machine's byte order.
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

  /// A whole state, and the counter that `counter` reads while the state is in force.
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
      // What a torn state makes of the counter counts only once the state has proved whole.
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

  /// Makes a page of the zeroed, writable memory at `address`, `format.byteCount` bytes that stay mapped: switched off
  /// until `publish`. In this machine's byte order.
  @unsafe public init(initializing address: UnsafeMutableRawPointer, format: TimekeepFormat = .native) {
    words = unsafe SharedWords(address, byteCount: format.byteCount)
    self.format = format
    words.store(1, at: 0)
  }

  /// Puts a state in force. A reader sees the one before or this one, whole.
  ///
  /// The generation is the writer's own. The corresponding C function is `timehands_update`.
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
