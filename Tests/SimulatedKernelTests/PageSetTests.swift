// SPDX-License-Identifier: Apache-2.0

import CLinux
import CVDSO
import Glibc
import SimulatedKernel
import Testing
import VDSOImages

/// The functions of a page that is mapped into this process, called at their slots.
@safe
private struct PageFunctions {
  typealias ClockGettime = @convention(c) (Int32, UnsafeMutablePointer<timespec>) -> Int32
  typealias GetPID = @convention(c) () -> Int32

  let pages: PageSet

  func clock(_ id: ClockID) -> Timespec {
    var time = timespec()
    let function = unsafe unsafeBitCast(address(.clockGettime), to: ClockGettime.self)
    #expect(unsafe function(id.rawValue, &time) == 0)
    return Timespec(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }

  func pid() -> Int32 {
    let function = unsafe unsafeBitCast(address(.getpid), to: GetPID.self)
    return function()
  }

  private func address(_ symbol: SymbolType) -> UInt {
    pages.codePage + UInt(symbol.slotOffset(on: .x86_64))
  }
}

#if arch(x86_64)
  @Suite("Pages mapped into this process", .serialized)
  struct PageSetTests {
    private func map(
      _ source: ClockSource, epoch: Timespec? = nil, identities: [TaskIdentity] = [],
      _ body: (PageFunctions, borrowing TimePageFile, inout SimulatedKernel) throws -> Void
    ) throws {
      var kernel = SimulatedKernel(
        architecture: .x86_64, clockSource: source, epoch: epoch)
      try kernel.initialize()
      let file = try TimePageFile()
      file.page.publish(kernel.timeData)
      let pages = try PageSet(time: file, code: kernel.codePage(host: .none).bytes, identities: identities)
      try body(PageFunctions(pages: pages), file, &kernel)
    }

    @Test("returns the host's time from a mapped page, between two readings of it", arguments: [ClockSource.host])
    func hostTime(source: ClockSource) throws {
      try map(source) { page, _, _ in
        for id in [ClockID.realtime, .monotonic, .boottime, .tai, .monotonicRaw] {
          let before = HostClock.read(id)
          let told = page.clock(id)
          let after = HostClock.read(id)
          #expect(before <= told && told <= after)
        }
      }
    }

    @Test("returns the counter's time within 20 microseconds of the host's after half a second")
    func counterTime() throws {
      try map(.tsc) { page, file, kernel in
        for _ in 0..<50 {
          usleep(10_000)
          kernel.tick()
          file.page.publish(kernel.timeData)
        }
        for id in [ClockID.realtime, .monotonic, .boottime, .tai, .monotonicRaw] {
          let before = HostClock.read(id).nanosecondsSinceEpoch
          let told = page.clock(id).nanosecondsSinceEpoch
          let after = HostClock.read(id).nanosecondsSinceEpoch
          #expect(told >= before - 20_000 && told <= after + 20_000, "\(id.rawValue): \(before) \(told) \(after)")
        }
      }
    }

    @Test("keeps a published clock still between ticks, and advances it at ticks")
    func tickTime() throws {
      try map(.tick) { page, file, kernel in
        let first = page.clock(.monotonic)
        usleep(1000)
        #expect(page.clock(.monotonic) == first)
        file.page.publish(kernel.timeData)
        #expect(page.clock(.monotonic) > first)
      }
    }

    @Test("stops the date where requested, while monotonic time goes on")
    func fixedTime() throws {
      let epoch = Timespec(seconds: 951_782_400, nanoseconds: 5)
      try map(.fixed, epoch: epoch) { page, _, _ in
        #expect(page.clock(.realtime) == epoch)
        #expect(page.clock(.realtimeCoarse) == epoch)
        let before = page.clock(.monotonic)
        usleep(1000)
        #expect(page.clock(.monotonic) > before)
      }
    }

    @Test("answers getpid from the identity page, and by a system call in a forked child")
    func identity() throws {
      // The number is wrong on purpose, to show that it comes from the page.
      try map(.host, identities: [TaskIdentity(.processID, 123_456_789)]) { page, _, _ in
        #expect(page.pid() == 123_456_789)
        let child = linux_fork()
        if child == 0 {
          _exit(page.pid() == getpid() ? 0 : 1)
        }
        var status: Int32 = -1
        unsafe waitpid(child, &status, 0)
        #expect(status == 0)
      }
    }

    @Test("asks the host when the timekeeper of published clocks has died")
    func deadTimekeeper() throws {
      try map(.tick) { page, file, _ in
        file.page.setTimekeeper(UInt32(VDSO_TIMEKEEPER_DIED))
        let before = HostClock.read(.realtimeCoarse)
        let told = page.clock(.realtimeCoarse)
        #expect(before <= told && told <= HostClock.read(.realtimeCoarse))
      }
    }

    @Test("refuses to make a mapped page writable, or to open the time page's file for writing")
    func protection() throws {
      try map(.host) { page, file, _ in
        let shared = unsafe UnsafeMutableRawPointer(bitPattern: page.pages.base)!
        #expect(unsafe mprotect(shared, 4096, PROT_READ | PROT_WRITE) == -1)
        // A call of mseal for no memory shows whether the kernel has it.
        if linux_syscall(462, 0, 0, 0, 0, 0, 0) == 0 {
          let code = unsafe UnsafeMutableRawPointer(bitPattern: page.pages.codePage)!
          #expect(unsafe mprotect(code, 4096, PROT_READ | PROT_WRITE) == -1)
          #expect(unsafe munmap(code, 4096) == -1)
          #expect(unsafe mmap(code, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        }
        let reopened = unsafe open("/proc/self/fd/\(file.descriptor)", O_RDWR)
        let mapping = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reopened, 0)
        #expect(unsafe mapping == MAP_FAILED)
        #expect(unsafe write(reopened, "x", 1) == -1)
        close(reopened)
      }
    }
  }
#endif
