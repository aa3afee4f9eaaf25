// SPDX-License-Identifier: Apache-2.0

// Times VDSOResolver against ReferenceResolver, in turns in one process; the best round of each counts.

import CLinux
import ReferenceResolver
import VDSOResolver

@main
enum ResolverBench {
  static func main() {
    let address = UInt(linux_getauxval(33))
    guard address != 0 else { return print("no vDSO here: nothing to compare") }
    let catalog = try? VDSO.current().image.get().catalog
    guard let catalog else { return print("no vDSO here that the resolver knows: nothing to compare") }
    let names = VDSOFunction.allCases.filter(catalog.contains).map(catalog.symbolName)

    let opening = Stopwatch.best(rounds: 400, repetitions: 500) { count in
      for _ in 0..<count { Reference.openAndFind(names, version: catalog.version, at: address) }
    } _: { count in
      for _ in 0..<count { consume(VDSO.current()) }
    }
    report("open, resolve \(names.count) names, close", opening)

    let vdso = VDSO.current()
    for (name, clock) in [("coarse", ClockID.realtimeCoarse), ("precise", .realtime)] {
      guard let function = vdso.resolution(of: .clockGettime).address else { continue }
      let calls = Stopwatch.best(rounds: 400, repetitions: 2000) { count in
        Reference.call(UInt(function), clock.rawValue, count)
      } _: { count in
        for _ in 0..<count { consume(try? vdso.clockGettime(clock)) }
      }
      report("clock_gettime, \(name)", calls)
    }
  }

  private static func report(_ what: String, _ times: (reference: Double, ours: Double)) {
    print(
      what + ": C " + decimal(times.reference) + " ns, ours " + decimal(times.ours) + " ns, ratio "
        + decimal(times.ours / times.reference) + ", difference " + decimal(times.ours - times.reference) + " ns")
  }

  private static func decimal(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let sign = hundredths < 0 ? "-" : ""
    return "\(sign)\(abs(hundredths) / 100).\(abs(hundredths) / 10 % 10)\(abs(hundredths) % 10)"
  }

  /// Keeps the compiler from removing the code that produces the value.
  @inline(never)
  private static func consume<T: ~Copyable>(_ value: borrowing T) {}
}
