// SPDX-License-Identifier: Apache-2.0

internal import CSystemCalls
import LinuxTypes

extension VDSO {
  /// Compares the functions in use with the kernel. Times must lie between two readings of the kernel, other results must be equal, and
  /// clocks that don't exist must give EINVAL. A function that fails is replaced by the system call from then on, and returned here.
  ///
  /// Makes some fifty system calls. Don't use it on a page that shows another time than the kernel's on purpose.
  @discardableResult
  public func selfCheck() -> [(function: VDSOFunction, mismatch: TrapReason.Mismatch)] {
    var demoted: [(function: VDSOFunction, mismatch: TrapReason.Mismatch)] = []
    for function in VDSOFunction.allCases {
      guard case .vdso = resolution(of: function), let mismatch = check(function) else { continue }
      demote(function, mismatch)
      demoted.append((function, mismatch))
    }
    return demoted
  }

  private func check(_ function: VDSOFunction) -> TrapReason.Mismatch? {
    switch function {
    case VDSOFunction.wideClockGettime: checkClocks() ?? checkBadClocks()
    case VDSOFunction.wideClockGetres: checkResolutions()
    case .gettimeofday: checkTimeOfDay()
    case .time: checkTime()
    case .getcpu: checkProcessor()
    case .getpid: differs(UInt32(bitPattern: getpid()), linux_nr_getpid)
    case .getppid: differs(UInt32(bitPattern: getppid()), linux_nr_getppid)
    case .getuid: differs(getuid(), linux_nr_getuid)
    case .geteuid: differs(geteuid(), linux_nr_geteuid)
    case .getgid: differs(getgid(), linux_nr_getgid)
    case .getegid: differs(getegid(), linux_nr_getegid)
    // This program doesn't call the other functions, and random bytes can't be compared.
    case .clockGettime, .clockGetres, .clockGettime64, .clockGetres64, .getrandom: nil
    }
  }

  private func checkClocks() -> TrapReason.Mismatch? {
    for clock in ClockID.paged {
      guard let before = kernelTime(clock) else { continue }
      guard let page = try? clockGettime(clock) else { return .failed }
      guard let after = kernelTime(clock) else { continue }
      guard before <= page.nanosecondsSinceEpoch, page.nanosecondsSinceEpoch <= after else { return .outOfOrder }
    }
    return nil
  }

  private func checkBadClocks() -> TrapReason.Mismatch? {
    for number in [10, 12, 99, Int32.min, .max, -1] {
      do throws(Errno) {
        _ = try clockGettime(ClockID(rawValue: number))
        return .acceptedBadClock
      } catch {
        guard error == .invalidArgument else { return .acceptedBadClock }
      }
    }
    return nil
  }

  private func checkResolutions() -> TrapReason.Mismatch? {
    for clock in ClockID.paged {
      guard let right = kernel(linux_nr_clock_getres, clock) else { continue }
      guard let page = try? clockGetres(clock) else { return .failed }
      guard page.nanosecondsSinceEpoch == right.nanoseconds else { return .differs }
    }
    return nil
  }

  private func checkTimeOfDay() -> TrapReason.Mismatch? {
    guard let before = kernelTime(.realtime) else { return nil }
    guard let page = try? gettimeofday() else { return .failed }
    guard let after = kernelTime(.realtime) else { return nil }
    let microseconds = page.seconds &* 1_000_000 &+ Int64(page.microseconds)
    return before / 1000 <= microseconds && microseconds <= after / 1000 ? nil : .outOfOrder
  }

  private func checkTime() -> TrapReason.Mismatch? {
    let before = timeFromKernel()
    let page = time()
    return before <= page && page <= timeFromKernel() ? nil : .outOfOrder
  }

  /// A thread may move to another processor between the calls. The result counts only if the kernel says the same before and after.
  private func checkProcessor() -> TrapReason.Mismatch? {
    for _ in 0..<8 {
      let before = kernelProcessor()
      guard let page = try? getcpu() else { return .failed }
      guard before == kernelProcessor() else { continue }
      if page.cpu == before { return nil }
    }
    return .differs
  }

  private func differs(_ answer: UInt32, _ number: Int) -> TrapReason.Mismatch? {
    answer == UInt32(truncatingIfNeeded: trap(number, 0, 0, 0, 0, 0, 0)) ? nil : .differs
  }

  private func kernelTime(_ clock: ClockID) -> Int64? {
    kernel(linux_nr_clock_gettime, clock)?.nanoseconds
  }
}

extension linux_timespec {
  /// The product wraps 292 years after 1970, which no kernel's clock reaches.
  fileprivate var nanoseconds: Int64 { tv_sec &* 1_000_000_000 &+ tv_nsec }
}
