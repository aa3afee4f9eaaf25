// SPDX-License-Identifier: Apache-2.0

import ELF
import Foundation
import SharedTimePages
import Synchronization
import TestSupport
import Testing

@Suite("FreeBSD's shared page, live")
struct TimekeepPageTests {
  /// A state whose fields are computed from one number, so that a mixture of two states is detected.
  private static func hands(_ number: Int64) -> Timehands {
    var hands = Timehands()
    let mixed = UInt64(bitPattern: number) &* 0x9e37_79b9_7f4a_7c15
    hands.scale = mixed
    hands.offsetCount = UInt32(truncatingIfNeeded: mixed >> 32)
    hands.counterMask = UInt32(truncatingIfNeeded: mixed)
    hands.offset = BinaryTime(seconds: number, fraction: mixed ^ 1)
    hands.bootTime = BinaryTime(seconds: ~number, fraction: ~mixed)
    return hands
  }

  @Test("reads whole states of FreeBSD's page while a writer changes them as fast as it can")
  func concurrentWriter() throws {
    let memory = SharedMemory(byteCount: TimekeepFormat.native.byteCount)
    var writer = unsafe TimekeepWriter(initializing: memory.start)
    writer.publish(Self.hands(0))
    let page = try unsafe TimekeepPage(mappedAt: memory.start, byteCount: memory.byteCount)
    let box = Mutex(writer)
    let thread = WriterThread { number in box.withLock { $0.publish(Self.hands(number)) } }
    var torn = 0
    let met = thread.meet {
      guard var hands = try? page.reading({ _ in 0 }).timehands else { return nil }
      hands.generation = 0
      if hands != Self.hands(hands.offset.seconds) { torn += 1 }
      return hands.offset.seconds
    }
    #expect(torn == 0)
    #expect(met == WriterThread.enough)
  }

  @Test("retries if FreeBSD's ring has wrapped around during a read", arguments: [1, 3, 4, 8])
  func wholeRound(publications: Int) throws {
    let memory = SharedMemory(byteCount: TimekeepFormat.native.byteCount)
    var writer = unsafe TimekeepWriter(initializing: memory.start)
    writer.publish(Self.hands(0))
    let page = try unsafe TimekeepPage(mappedAt: memory.start, byteCount: memory.byteCount)
    var readings = 0
    let hands = try page.reading { _ in
      readings += 1
      // The writer publishes while the first reading is between the state and the check.
      if readings == 1 { for number in 1...publications { writer.publish(Self.hands(Int64(number))) } }
      return 0
    }.timehands
    #expect(readings == 2)
    #expect(hands.offset.seconds == Int64(publications))
  }

  @Test("reads the states of FreeBSD's page in turn, and none after it is switched off")
  func switching() throws {
    for format in [TimekeepFormat.native, TimekeepFormat(machine: .i386, byteOrder: .native)] {
      let memory = SharedMemory(byteCount: format.byteCount)
      var writer = unsafe TimekeepWriter(initializing: memory.start, format: format)
      let page = try unsafe TimekeepPage(mappedAt: memory.start, byteCount: memory.byteCount, format: format)
      #expect(throws: TimePageError.disabled) { try page.date() }
      for number in 1...9 as ClosedRange<Int64> {
        var hands = Self.hands(number)
        if format.machine == .i386 { hands.bootTime.seconds = number }
        writer.publish(hands)
        hands.generation = UInt32(number)
        #expect(try page.reading { _ in 0 }.timehands == hands)
        #expect(try Timekeep(decoding: memory.bytes, as: format).currentTimehands() == hands)
      }
      writer.disable()
      #expect(throws: TimePageError.disabled) { try page.uptime() }
    }
  }

  @Test("gives up if a writer of FreeBSD's page died inside a state, and never reads outside the ring")
  func deadWriter() throws {
    let memory = SharedMemory(byteCount: TimekeepFormat.native.byteCount)
    var writer = unsafe TimekeepWriter(initializing: memory.start)
    writer.publish(Self.hands(1))
    var copy = try Timekeep(decoding: memory.bytes, as: .native)
    copy.timehands[Int(copy.current)].generation = 0
    func date() throws {
      let memory = SharedMemory(copy.encoded(as: .native))
      _ = try unsafe TimekeepPage(mappedAt: memory.start, byteCount: memory.byteCount).date()
    }
    #expect(throws: TimePageError.busy) { try date() }
    copy.current = 7
    #expect(throws: TimePageError.badIndex(7)) { try date() }
    copy.current = .max
    #expect(throws: TimePageError.busy) { try date() }
    #expect(throws: TimePageError.tooShort(byteCount: 100, needed: memory.byteCount)) {
      try unsafe TimekeepPage(mappedAt: memory.start, byteCount: 100)
    }
  }
}
