// SPDX-License-Identifier: Apache-2.0

import ELF
import SharedTimePages
import SimulatedKernel
import VirtualTime

/// Reads pages like FreeBSD's and Mach's: decoding and encoding are inverse, and a live page is read in bounded time.
func fuzzTimePage(_ input: [UInt8]) {
  for machine in [Machine.i386, .x86_64, .aarch64, .riscv, .ppc64, .arm] {
    for order in [ByteOrder.littleEndian, .bigEndian] {
      let format = TimekeepFormat(machine: machine, byteOrder: order)
      do throws(TimePageError) {
        let page = try Timekeep(decoding: input, as: format)
        claim(try Timekeep(decoding: page.encoded(as: format), as: format) == page, "decoding what was encoded differs")
        let hands = try page.currentTimehands()
        _ = hands.date(count: .max).nanoseconds
      } catch {
        claimIsOneLine("\(error)")
      }
    }
  }
  let live = GuardedMemory.shared.pointer(to: input)
  do throws(TimePageError) {
    _ = try TimekeepPage(mappedAt: live, byteCount: input.count).date()
  } catch {
    claimIsOneLine("\(error)")
  }
  for extent in MappedTimeLayout.Extent.allCases {
    for isPacked in [false, true] {
      do throws(TimePageError) {
        let page = try MappedTimePage(
          mappedAt: live, byteCount: input.count, layout: MappedTimeLayout(extent, isPacked: isPacked))
        _ = try page.date()
        _ = try page.uptime()
      } catch {
        claimIsOneLine("\(error)")
      }
    }
  }
}

/// Reads a time specification. If it isn't understood, the error's caret is under one of its characters or just behind the last one. If it
/// is, it gives maps for any state of the host's clocks, or a reason.
func fuzzTimeSpecification(_ input: [UInt8]) {
  let text = String(decoding: input, as: UTF8.self)
  let specification: TimeSpecification
  do throws(SpecificationError) {
    specification = try TimeSpecification(text)
  } catch {
    claim((0...text.count).contains(error.position), "the caret is at \(error.position) of \(text.count)")
    claim("\(error)".split(separator: "\n", omittingEmptySubsequences: false).count == 3, "not three lines: \(error)")
    return
  }
  claimIsOneLine("\(specification)")
  for realtime in [0, 1_700_000_000_000_000_000, TimeSpecification.dates.upperBound] {
    let host = HostInstant(realtime: realtime, leapSeconds: 37, uptime: 5, rawUptime: 6, sleep: 7)
    for scope in VirtualClock.Scope.allCases {
      do throws(VirtualClockError) {
        let clock = try VirtualClock(specification, scope: scope, at: host)
        claim(TimeSpecification.dates.contains(clock.start), "the date starts at \(clock.start)")
      } catch {
        claimIsOneLine("\(error)")
      }
    }
  }
}
