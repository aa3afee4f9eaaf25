// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import Glibc
import Synchronization
import TestSupport
import Testing
import VDSOResolver

/// The number of calls of the counting trap.
private let trapCount = Atomic<Int>(0)

@Suite("vDSO calls", .serialized)
struct VDSOCallTests {
  private static let counting: VDSO.Trap = {
    trapCount.add(1, ordering: .relaxed)
    return linux_syscall($0, $1, $2, $3, $4, $5, $6)
  }

  private func traps(_ body: () throws -> Void) rethrows -> Int {
    let before = trapCount.load(ordering: .relaxed)
    try body()
    return trapCount.load(ordering: .relaxed) - before
  }

  private func calls(_ image: MappedImage, eagerly: Bool = true) -> VDSO {
    VDSO(
      image: Result { () throws(TrapReason) in try VDSOImage(mappedAt: image.address) }, eagerly: eagerly,
      trap: Self.counting)
  }

  @Test(
    "returns times between the kernel's before and after, by the page and by the system call", arguments: [true, false])
  func sandwich(byPage: Bool) throws {
    let vdso = byPage ? VDSO.current() : VDSO(image: .failure(.noVDSO))
    for clock in [ClockID.realtime, .monotonic, .monotonicRaw, .realtimeCoarse, .boottime, .tai] {
      for _ in 0..<100 {
        let before = trapTime(clock)
        let time = try vdso.clockGettime(clock)
        let after = trapTime(clock)
        #expect(before <= time.nanosecondsSinceEpoch && time.nanosecondsSinceEpoch <= after)
      }
    }
    #expect(abs(vdso.time() - trapTime(.realtime) / 1_000_000_000) <= 1)
    #expect(try abs(vdso.gettimeofday().seconds - trapTime(.realtime) / 1_000_000_000) <= 1)
    #expect(try vdso.clockGetres(.monotonic).nanoseconds == 1)
    #expect(try vdso.getcpu().cpu < 4096)
    #expect(vdso.getpid() == getpid() && vdso.getppid() == getppid())
    #expect(vdso.getuid() == getuid() && vdso.geteuid() == geteuid())
    #expect(vdso.getgid() == getgid() && vdso.getegid() == getegid())
    var bytes = [UInt8](repeating: 0, count: 64)
    #expect(unsafe vdso.getrandom(&bytes, 64, flags: 0) == 64)
    #expect(Set(bytes).count > 16)
  }

  @Test("passes EINVAL of the vDSO on", arguments: [10, 99, -1, .min, .max] as [Int32])
  func badClock(number: Int32) {
    let vdso = VDSO.current()
    #expect(throws: Errno.invalidArgument) { try vdso.clockGettime(ClockID(rawValue: number)) }
  }

  @Test("asks the kernel if a vDSO function returns ENOSYS, but not for EINVAL or success")
  func fallback() throws {
    let image = try MappedImage(functions: [
      ("__vdso_clock_gettime", Code.returning(-38)), ("__vdso_clock_getres", Code.returning(-22)),
      ("__vdso_getpid", Code.returning(4242)), ("__vdso_getuid", Code.returning(-38)),
    ])
    let vdso = calls(image)
    var time = Timespec(seconds: 0)
    let onENOSYS = try traps { time = try vdso.clockGettime(.realtime) }
    #expect(onENOSYS == 1 && time.seconds > 1_000_000_000)
    let onEINVAL = traps { #expect(throws: Errno.invalidArgument) { try vdso.clockGetres(.realtime) } }
    #expect(onEINVAL == 0)
    var identity: (Int32, UInt32) = (0, 0)
    let onSuccess = traps { identity.0 = vdso.getpid() }
    #expect(onSuccess == 0 && identity.0 == 4242)
    let onIdentityENOSYS = traps { identity.1 = vdso.getuid() }
    #expect(onIdentityENOSYS == 1 && identity.1 == getuid())
    let onMissing = try traps { _ = try vdso.gettimeofday() }
    #expect(onMissing == 1)
  }

  @Test("resolves a vDSO function lazily at the first call, once, whichever thread comes first")
  func lazy() async throws {
    let image = try MappedImage(functions: [("__vdso_getpid", Code.returning(7))])
    let vdso = calls(image, eagerly: false)
    #expect(vdso.getpid() == 7 && vdso.getpid() == 7)
    let onMissing = traps { _ = vdso.getppid() }
    #expect(onMissing == 1)
  }

  @Test("replaces vDSO functions that return wrong values, reports how they differ, and keeps correct ones")
  func selfCheck() throws {
    let image = try MappedImage(functions: [
      ("__vdso_clock_gettime", Code.storing(seconds: 5)), ("__vdso_clock_getres", Code.storing(seconds: 3)),
      ("__vdso_getpid", Code.returning(getpid())), ("__vdso_getuid", Code.returning(12345)),
      ("__vdso_time", Code.returning(17)), ("__vdso_gettimeofday", Code.returning(-22)),
    ])
    let vdso = calls(image)
    #expect(try vdso.clockGettime(.realtime).seconds == 5)
    let demoted = vdso.selfCheck()
    #expect(demoted.map(\.function) == [.clockGettime, .gettimeofday, .time, .clockGetres, .getuid])
    #expect(vdso.resolution(of: .clockGettime) == .trap(.mismatch(.outOfOrder)))
    #expect(vdso.resolution(of: .clockGetres) == .trap(.mismatch(.differs)))
    #expect(vdso.resolution(of: .getuid) == .trap(.mismatch(.differs)))
    #expect(vdso.resolution(of: .gettimeofday) == .trap(.mismatch(.failed)))
    #expect(vdso.resolution(of: .getpid) == .vdso(address: image.address + 0x880))
    #expect(try vdso.clockGettime(.realtime).seconds > 1_000_000_000)
    #expect(vdso.getuid() == getuid())
    #expect(vdso.selfCheck().isEmpty)
  }

  @Test("finds the kernel's own vDSO functions correct")
  func selfCheckOfKernel() {
    let vdso = VDSO.current()
    #expect(vdso.selfCheck().map(\.function) == [])
    guard case .vdso = vdso.resolution(of: .clockGettime) else {
      Issue.record("the check had nothing to check")
      return
    }
  }

  @Test("doesn't call a vDSO of another architecture")
  func foreign() throws {
    let image = try MappedImage(functions: [("__kernel_clock_gettime", Code.returning(0))]) {
      $0.machine = .aarch64
      $0.versions = ["LINUX_2.6.39"]
    }
    let vdso = calls(image)
    #expect(vdso.resolution(of: .clockGettime) == .trap(.wrongArchitecture(.aarch64, .bits64)))
    #expect(try vdso.clockGettime(.realtime).seconds > 1_000_000_000)
  }

  private func trapTime(_ clock: ClockID) -> Int64 {
    var time = linux_timespec()
    _ = unsafe withUnsafeMutablePointer(to: &time) { pointer in
      linux_syscall(228, Int(clock.rawValue), Int(bitPattern: pointer), 0, 0, 0, 0)
    }
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
