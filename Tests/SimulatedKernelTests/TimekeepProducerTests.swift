// SPDX-License-Identifier: Apache-2.0

import Glibc
import SharedTimePages
import SimulatedKernel
import Testing

extension BinaryTime {
  fileprivate var nanosecondsSinceEpoch: Int64 { seconds * 1_000_000_000 + Int64(nanoseconds) }
}

@Suite("FreeBSD's page, produced from the counter")
struct TimekeepProducerTests {
  /// The most nanoseconds by which the page may be wrong: a sample that is interrupted makes it wrong by as much.
  private static let tolerance: Int64 = 100_000

  @Test(
    "produces the date and time since boot that the kernel returns before and after",
    .enabled(if: !CycleCounter.usable.isEmpty, "needs an invariant counter"))
  func againstTrap() throws {
    var producer = try #require(TimekeepProducer())
    let memory = UnsafeMutableRawPointer.allocate(byteCount: TimekeepFormat.native.byteCount, alignment: 4096)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: TimekeepFormat.native.byteCount)
    defer { unsafe memory.deallocate() }
    var writer = unsafe TimekeepWriter(initializing: memory)
    let page = try unsafe TimekeepPage(mappedAt: memory, byteCount: TimekeepFormat.native.byteCount)
    var last = BinaryTime(seconds: 0)
    var worst: Int64 = 0
    for _ in 0..<50 {
      producer.tick()
      writer.publish(producer.timehands)
      for _ in 0..<100 {
        worst = max(worst, try Self.distance(.realtime, page.date), try Self.distance(.monotonic, page.uptime))
        let now = try page.uptime()
        #expect(now >= last)
        last = now
      }
    }
    // During a pause without ticks, only the rate counts.
    usleep(300_000)
    worst = max(worst, try Self.distance(.realtime, page.date), try Self.distance(.monotonic, page.uptime))
    print("farthest from the kernel's reading before or after: \(worst) ns")
    #expect(worst < Self.tolerance)
  }

  /// The nanoseconds by which a reading lies outside the kernel's readings before and after it.
  private static func distance(_ clock: ClockID, _ read: () throws -> BinaryTime) rethrows -> Int64 {
    let before = HostClock.read(clock).nanosecondsSinceEpoch
    let time = try read().nanosecondsSinceEpoch
    let after = HostClock.read(clock).nanosecondsSinceEpoch
    return max(0, before - time, time - after)
  }
}
