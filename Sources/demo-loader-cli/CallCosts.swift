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
  /// Those that Linux's own page serves.
  private static let clocks = ResolveReport.clockIDs.filter { [0, 1, 4, 5, 6, 7, 11].contains($0.1) }

  /// Times each call by the C library and by a trap, in turns.
  static func measured() -> [CallCost] {
    var calls = clocks.map { name, id in
      (
        name: "clock_gettime(\(name))", isExpectedFast: true,
        library: { (count: Int) in
          var time = timespec()
          for _ in 0..<count { _ = unsafe clock_gettime(id, &time) }
        }, trap: CallBodies.trap(linux_nr_clock_gettime, clock: Int(id))
      )
    }
    calls.append(
      (
        "gettimeofday()", true,
        { count in
          var time = timeval()
          for _ in 0..<count { _ = unsafe gettimeofday(&time, nil) }
        }, CallBodies.trap(linux_nr_gettimeofday)
      ))
    calls.append(
      ("time()", true, { count in for _ in 0..<count { _ = time(nil) } }, CallBodies.trap(linux_nr_gettimeofday)))
    calls.append(
      ("getpid()", false, { count in for _ in 0..<count { _ = getpid() } }, CallBodies.trap(linux_nr_getpid)))
    let times = CallTimer.nanosecondsPerCall(calls.flatMap { [$0.library, $0.trap] }, calls: 1000, rounds: 50)
    return calls.enumerated().map { index, call in
      CallCost(
        call: call.name, nanoseconds: times[2 * index], trapNanoseconds: times[2 * index + 1],
        isExpectedFast: call.isExpectedFast)
    }
  }

  /// What clock_gettime(CLOCK_REALTIME) costs by our page in counter mode; nil where the counter can't serve.
  static func counterMode(host: VDSOImage?) -> Double? {
    guard let own = try? OwnPages(.tsc, host: host), own.clockSource == .tsc,
      let image = try? VDSOImage(mappedAt: UInt64(own.pages.codePage))
    else { return nil }
    return CallTimer.nanosecondsPerCall([CallBodies(image).body("clock_gettime")], calls: 1000, rounds: 50)[0]
  }
}
