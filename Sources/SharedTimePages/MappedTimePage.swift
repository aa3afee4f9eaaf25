// SPDX-License-Identifier: Apache-2.0

// Mach's mapped time, live: its reader and its writer.
//
// Assumes that the memory is as the caller of an initializer promises. The reader never writes.
//
// The protocol has no generation number: the seconds are stored before and behind the rest, and the last ones are written first. A reader
// only notices that the second changes, which is enough for a clock that never goes back within a second.

import Synchronization

/// The reader of a live page of Mach's, which has the date as of the last tick.
///
/// Any number of threads may read, also while a writer is at work. Async-signal-safe and allocation-free. The
/// corresponding C function is the Hurd's `maptime_read`.
public struct MappedTimePage: Sendable {
  private static let attempts = 64

  private let words: SharedWords
  private let layout: MappedTimeLayout

  /// Takes the page at `address`, of which `byteCount` bytes stay mapped while the value is used. Throws `.tooShort`.
  @unsafe public init(
    mappedAt address: UnsafeRawPointer, byteCount: Int, layout: MappedTimeLayout = .native
  ) throws(TimePageError) {
    guard byteCount >= layout.byteCount else { throw .tooShort(byteCount: byteCount, needed: layout.byteCount) }
    words = unsafe SharedWords(address, byteCount: layout.byteCount)
    self.layout = layout
  }

  /// The date, from the 64-bit fields if the kernel writes them, else from the 32-bit ones.
  ///
  /// Throws `.busy` if the seconds before and behind never agree, because the writer has stopped between them.
  public func date() throws(TimePageError) -> MappedTime {
    if layout.extent != .seconds32, words.load(seconds64: layout.seconds64) != 0 {
      return try seconds64(at: layout.seconds64)
    }
    for _ in 0..<Self.attempts {
      let seconds = words.loadAcquiring(at: 0)
      let microseconds = words.load(at: 4)
      atomicMemoryFence(ordering: .acquiring)
      guard words.load(at: 8) == seconds else { continue }
      return MappedTime(
        seconds: Int64(Int32(bitPattern: seconds)), nanoseconds: Int64(Int32(bitPattern: microseconds)) * 1000)
    }
    throw .busy
  }

  /// The time since boot, or nil if the page has none. Throws as `date()`.
  public func uptime() throws(TimePageError) -> MappedTime? {
    layout.extent == .seconds64WithUptime ? try seconds64(at: layout.uptime) : nil
  }

  private func seconds64(at offset: Int) throws(TimePageError) -> MappedTime {
    for _ in 0..<Self.attempts {
      let seconds = words.load(seconds64: offset)
      atomicMemoryFence(ordering: .acquiring)
      let nanoseconds = words.load(seconds64: offset + 8)
      atomicMemoryFence(ordering: .acquiring)
      guard words.load(seconds64: offset + 16) == seconds else { continue }
      return MappedTime(seconds: seconds, nanoseconds: nanoseconds)
    }
    throw .busy
  }
}

/// The writer of a page like Mach's.
///
/// One thread at a time may use it. Never blocks, allocates or calls the system.
public struct MappedTimeWriter: Sendable {
  private let words: SharedWords
  private let layout: MappedTimeLayout

  /// Makes a page of the zeroed, writable memory at `address`, `layout.byteCount` bytes that stay mapped.
  @unsafe public init(initializing address: UnsafeMutableRawPointer, layout: MappedTimeLayout = .native) {
    words = unsafe SharedWords(address, byteCount: layout.byteCount)
    self.layout = layout
  }

  /// Writes the date and the time since boot as far as the layout has them; 32-bit seconds wrap in 2038.
  ///
  /// The corresponding C function is `update_mapped_time`.
  public func publish(date: MappedTime, uptime: MappedTime) {
    let seconds32 = UInt32(truncatingIfNeeded: date.seconds)
    words.store(seconds32, at: 8)
    if layout.extent != .seconds32 { words.store(seconds64: date.seconds, at: layout.seconds64 + 16) }
    if layout.extent == .seconds64WithUptime { words.store(seconds64: uptime.seconds, at: layout.uptime + 16) }
    atomicMemoryFence(ordering: .releasing)
    words.store(UInt32(truncatingIfNeeded: date.nanoseconds / 1000), at: 4)
    if layout.extent != .seconds32 { words.store(seconds64: date.nanoseconds, at: layout.seconds64 + 8) }
    if layout.extent == .seconds64WithUptime { words.store(seconds64: uptime.nanoseconds, at: layout.uptime + 8) }
    atomicMemoryFence(ordering: .releasing)
    words.store(seconds32, at: 0)
    if layout.extent != .seconds32 { words.store(seconds64: date.seconds, at: layout.seconds64) }
    if layout.extent == .seconds64WithUptime { words.store(seconds64: uptime.seconds, at: layout.uptime) }
  }
}

extension SharedWords {
  /// Loads two words one after the other. Only the protocol around the call makes them consistent.
  fileprivate func load(seconds64 offset: Int) -> Int64 {
    let (first, second) = (UInt64(load(at: offset)), UInt64(load(at: offset + 4)))
    #if _endian(little)
      return Int64(bitPattern: second << 32 | first)
    #else
      return Int64(bitPattern: first << 32 | second)
    #endif
  }

  fileprivate func store(seconds64 value: Int64, at offset: Int) {
    let (low, high) = (UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
    #if _endian(little)
      store(low, at: offset)
      store(high, at: offset + 4)
    #else
      store(high, at: offset)
      store(low, at: offset + 4)
    #endif
  }
}
