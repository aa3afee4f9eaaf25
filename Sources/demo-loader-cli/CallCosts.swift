// SPDX-License-Identifier: Apache-2.0

// The costs of calls by the C library and by traps.
//
// Assumes nothing: results are stored in local variables, which live through the loops.

import CLinux
import ClockDoctor
import Glibc
import Launcher
import SimulatedKernel
import VDSOResolver

enum CallCosts {
  private struct Call {
    var name: String
    var isExpectedFast: Bool
    /// Makes the C library's call a number of times.
    var library: (Int) -> Void
    /// Makes the system call a number of times.
    var trap: (Int) -> Void
    /// The C library's function and its arguments.
    var function: UInt
    var arguments: (Int, Int)
  }

  private typealias ClockFunction = @convention(c) (clockid_t, UnsafeMutablePointer<timespec>) -> Int32
  private typealias DayFunction = @convention(c) (UnsafeMutablePointer<timeval>, UnsafeMutableRawPointer?) -> Int32
  private typealias SecondsFunction = @convention(c) (UnsafeMutablePointer<time_t>?) -> time_t
  private typealias IdentityFunction = @convention(c) () -> pid_t

  /// Times each call by the C library and by a trap, in turns, and finds out by a filter which of the C library's calls enter the kernel.
  static func measured() -> [CallCost] {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 16)
    defer { unsafe memory.deallocate() }
    let place = Int(bitPattern: memory)
    var calls = ClockID.paged.map(\.rawValue).map { id in
      Call(
        name: "clock_gettime(\(ClockID(rawValue: id).name ?? "\(id)"))", isExpectedFast: true,
        library: { count in
          var time = timespec()
          for _ in 0..<count { _ = unsafe clock_gettime(id, &time) }
        }, trap: CallBodies.trap(linux_nr_clock_gettime, clock: Int(id)),
        function: unsafe unsafeBitCast(clock_gettime as ClockFunction, to: UInt.self),
        arguments: (Int(id), place))
    }
    calls.append(
      Call(
        name: "gettimeofday()", isExpectedFast: true,
        library: { count in
          var time = timeval()
          for _ in 0..<count { _ = unsafe gettimeofday(&time, nil) }
        }, trap: CallBodies.trap(linux_nr_gettimeofday),
        function: unsafe unsafeBitCast(gettimeofday as DayFunction, to: UInt.self),
        arguments: (place, 0)))
    calls.append(
      Call(
        name: "time()", isExpectedFast: true, library: { count in for _ in 0..<count { _ = time(nil) } },
        trap: CallBodies.trap(linux_nr_gettimeofday),
        function: unsafe unsafeBitCast(time as SecondsFunction, to: UInt.self), arguments: (0, 0)))
    calls.append(
      Call(
        name: "getpid()", isExpectedFast: false, library: { count in for _ in 0..<count { _ = getpid() } },
        trap: CallBodies.trap(linux_nr_getpid),
        function: unsafe unsafeBitCast(getpid as IdentityFunction, to: UInt.self), arguments: (0, 0)))
    let times = CallTimer.nanosecondsPerCall(calls.flatMap { [$0.library, $0.trap] }, calls: 200, rounds: 50)
    return calls.enumerated().map { index, call in
      let seen = unsafe linux_makes_system_call(
        UnsafeRawPointer(bitPattern: call.function), call.arguments.0, call.arguments.1, 0)
      return CallCost(
        call: call.name, nanoseconds: times[2 * index], trapNanoseconds: times[2 * index + 1],
        isExpectedFast: call.isExpectedFast, entersKernel: seen < 0 ? nil : seen == 1)
    }
  }

  /// The cost of clock_gettime(CLOCK_REALTIME) by our page in counter mode; nil if the counter can't be used.
  static func counterMode(host: VDSOImage?) -> Double? {
    guard let own = try? LocalPageSet(.tsc, host: host), own.clockSource == .tsc,
      let image = try? VDSOImage(mappedAt: UInt64(own.pages.codePage))
    else { return nil }
    return CallTimer.nanosecondsPerCall([CallBodies(image).body("clock_gettime")], calls: 200, rounds: 50)[0]
  }
}
