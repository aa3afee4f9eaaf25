// What calls cost by the C library and by traps.
//
// Results go to local variables, which live through the loops.

import CLinux
import ClockDoctor
import Glibc
import Launcher
import SimulatedKernel
import VDSOResolver

enum CallCosts {
  private static let clocks: [(String, Int32)] = [
    ("CLOCK_REALTIME", 0), ("CLOCK_MONOTONIC", 1), ("CLOCK_MONOTONIC_RAW", 4), ("CLOCK_REALTIME_COARSE", 5),
    ("CLOCK_MONOTONIC_COARSE", 6), ("CLOCK_BOOTTIME", 7), ("CLOCK_TAI", 11),
  ]

  /// Times each call by the C library and by a trap, in turns.
  static func measured() -> [CallCost] {
    var calls = clocks.map { name, id in
      (
        name: "clock_gettime(\(name))", isExpectedFast: true,
        library: { (count: Int) in
          var time = timespec()
          for _ in 0..<count { _ = unsafe clock_gettime(id, &time) }
        }, trap: trap(linux_nr_clock_gettime, Int(id))
      )
    }
    calls.append(
      (
        "gettimeofday()", true,
        { count in
          var time = timeval()
          for _ in 0..<count { _ = unsafe gettimeofday(&time, nil) }
        }, trap(linux_nr_gettimeofday)
      ))
    calls.append(("time()", true, { count in for _ in 0..<count { _ = time(nil) } }, trap(linux_nr_gettimeofday)))
    calls.append(("getpid()", false, { count in for _ in 0..<count { _ = getpid() } }, trap(linux_nr_getpid)))
    let times = CallTimer.nanosecondsPerCall(calls.flatMap { [$0.library, $0.trap] }, calls: 1000, rounds: 50)
    return calls.enumerated().map { index, call in
      CallCost(
        call: call.name, nanoseconds: times[2 * index], trapNanoseconds: times[2 * index + 1],
        isExpectedFast: call.isExpectedFast)
    }
  }

  /// What clock_gettime(CLOCK_REALTIME) costs by our page in counter mode; nil where the counter can't serve.
  static func counterMode(host: VDSOImage?) -> Double? {
    guard let own = try? OwnPages(.tsc, host: host), own.kernel.clockSource == .tsc,
      let image = try? VDSOImage(mappedAt: UInt64(own.pages.codePage))
    else { return nil }
    return CallTimer.nanosecondsPerCall([CallBodies(image).body("clock_gettime")], calls: 1000, rounds: 50)[0]
  }

  private static func trap(_ number: Int, _ clock: Int? = nil) -> (Int) -> Void {
    { count in
      var time = (0, 0)
      for _ in 0..<count {
        _ = unsafe withUnsafeMutablePointer(to: &time) { place in
          let memory = Int(bitPattern: place)
          return linux_syscall(number, clock ?? memory, clock == nil ? 0 : memory, 0, 0, 0, 0)
        }
      }
    }
  }
}
