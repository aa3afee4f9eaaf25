// SPDX-License-Identifier: Apache-2.0

import Foundation
import SharedTimePages
import TestSupport
import Testing

@Suite("Mach's mapped time", .serialized)
struct MappedTimeTests {
  static let layouts = MappedTimeLayout.Extent.allCases.flatMap { extent in
    [true, false].map { MappedTimeLayout(extent, isPacked: $0) }
  }

  /// A date whose other fields are computed from its seconds.
  private static func date(_ second: Int64) -> MappedTime {
    MappedTime(seconds: second, nanoseconds: second &* 7919 % 1_000_000 * 1000)
  }

  @Test(
    "has the fields of Mach's mapped time that C finds, on both architectures",
    arguments: [("-m64", false), ("-m32", true)])
  func layout(flag: String, isPacked: Bool) throws {
    let layout = MappedTimeLayout(.seconds64WithUptime, isPacked: isPacked)
    let memory = SharedMemory(byteCount: layout.byteCount)
    let writer = unsafe MappedTimeWriter(initializing: memory.start, layout: layout)
    writer.publish(
      date: MappedTime(seconds: 0x1_2345_6789, nanoseconds: 987_654_321),
      uptime: MappedTime(seconds: 77, nanoseconds: 5))
    let directory = try TemporaryDirectory()
    let reader = try Fixtures.compile("time-pages/mach.c", with: ["gcc-12", flag], in: directory)
    try Data(memory.bytes).write(to: URL(filePath: "\(directory.path)/page"))
    let shown = try Command.run([reader, "\(directory.path)/page"]).output
    let (seconds32, seconds64) = (0x2345_6789, 0x1_2345_6789)
    #expect(
      shown == "\(seconds32) 987654 \(seconds32) \(seconds64) 987654321 \(seconds64) 77 5 77 \(layout.byteCount)\n")
  }

  @Test("reads back the mapped time that was published, as far as the layout has space", arguments: layouts)
  func roundTrip(layout: MappedTimeLayout) throws {
    let memory = SharedMemory(byteCount: layout.byteCount)
    let writer = unsafe MappedTimeWriter(initializing: memory.start, layout: layout)
    let page = try unsafe MappedTimePage(mappedAt: memory.start, byteCount: memory.byteCount, layout: layout)
    #expect(try page.date() == MappedTime(seconds: 0, nanoseconds: 0))
    let (date, uptime) = (
      MappedTime(seconds: 1 << 33, nanoseconds: 123_456_789), MappedTime(seconds: 9, nanoseconds: 8)
    )
    writer.publish(date: date, uptime: uptime)
    let seconds32 = MappedTime(seconds: 0, nanoseconds: 123_456_000)
    #expect(try page.date() == (layout.extent == .seconds32 ? seconds32 : date))
    #expect(try page.uptime() == (layout.extent == .seconds64WithUptime ? uptime : nil))
    #expect(throws: TimePageError.tooShort(byteCount: 8, needed: layout.byteCount)) {
      try unsafe MappedTimePage(mappedAt: memory.start, byteCount: 8, layout: layout)
    }
  }

  @Test("falls back to 32 bits if a kernel leaves the 64-bit fields of mapped time empty")
  func oldKernel() throws {
    let memory = SharedMemory(byteCount: MappedTimeLayout.native.byteCount)
    let old = unsafe MappedTimeWriter(initializing: memory.start, layout: MappedTimeLayout(.seconds32, isPacked: false))
    old.publish(date: Self.date(5), uptime: Self.date(0))
    let page = try unsafe MappedTimePage(mappedAt: memory.start, byteCount: memory.byteCount)
    #expect(try page.date() == Self.date(5))
  }

  @Test("gives up if a writer of mapped time died between the two check seconds")
  func deadWriter() throws {
    for layout in [MappedTimeLayout.native, MappedTimeLayout(.seconds32, isPacked: false)] {
      let memory = SharedMemory(byteCount: layout.byteCount)
      let writer = unsafe MappedTimeWriter(initializing: memory.start, layout: layout)
      writer.publish(date: Self.date(5), uptime: Self.date(5))
      // Changes the seconds that are written last.
      unsafe memory.start.storeBytes(of: 4, as: UInt32.self)
      if layout.extent != .seconds32 { unsafe memory.start.storeBytes(of: 4, toByteOffset: 16, as: UInt64.self) }
      let page = try unsafe MappedTimePage(mappedAt: memory.start, byteCount: memory.byteCount, layout: layout)
      #expect(throws: TimePageError.busy) { try page.date() }
    }
  }

  @Test("reads whole mapped times while a writer changes the second as fast as it can", arguments: layouts)
  func concurrentWriter(layout: MappedTimeLayout) throws {
    let memory = SharedMemory(byteCount: layout.byteCount)
    let writer = unsafe MappedTimeWriter(initializing: memory.start, layout: layout)
    writer.publish(date: Self.date(1), uptime: Self.date(1))
    let page = try unsafe MappedTimePage(mappedAt: memory.start, byteCount: memory.byteCount, layout: layout)
    let thread = WriterThread { writer.publish(date: Self.date($0), uptime: Self.date($0)) }
    var torn = 0
    func check(_ time: MappedTime) {
      if time != Self.date(time.seconds) { torn += 1 }
    }
    let met = thread.meet {
      if let uptime = try? page.uptime() { check(uptime) }
      guard let date = try? page.date() else { return nil }
      check(date)
      return date.seconds
    }
    #expect(torn == 0)
    #expect(met == WriterThread.enough)
  }
}
