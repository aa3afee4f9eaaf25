// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization
import Testing
import VDSOResolver

private let trapCount = Atomic<Int>(0)

@Suite("Random numbers from the vDSO", .serialized)
struct RandomStateTests {
  private static func numbers(_ vdso: borrowing VDSO, _ state: borrowing RandomState) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 32)
    var span = bytes.mutableSpan
    let count = try vdso.getrandom(&span, state)
    return Array(bytes.prefix(count))
  }

  @Test(
    "returns new random numbers each time, in each state and in a child, without a system call if the vDSO has them")
  func numbers() throws {
    let counting: VDSO.Trap = {
      trapCount.add(1, ordering: .relaxed)
      return linux_syscall($0, $1, $2, $3, $4, $5, $6)
    }
    let vdso = VDSO(mappedAt: UInt64(linux_getauxval(33)), trap: counting)
    let first = vdso.randomState()
    let second = vdso.randomState()
    var seen: Set<[UInt8]> = []
    for _ in 0..<1000 {
      seen.insert(try Self.numbers(vdso, first))
      seen.insert(try Self.numbers(vdso, second))
    }
    #expect(seen.count == 2000 && seen.allSatisfy { $0.count == 32 })
    let isServed = vdso.resolution(of: VDSOFunction.getrandom).address != nil
    #expect(trapCount.load(ordering: .relaxed) == (isServed ? 0 : 2000))

    // Parent and child continue with the same state, and must get different numbers.
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    let child = linux_fork()
    if child == 0 {
      let bytes = (try? Self.numbers(vdso, first)) ?? []
      _ = unsafe write(ends[1], bytes, bytes.count)
      _exit(0)
    }
    let own = try Self.numbers(vdso, first)
    var others = [UInt8](repeating: 0, count: 32)
    #expect(unsafe read(ends[0], &others, 32) == 32)
    close(ends[0])
    close(ends[1])
    var status: Int32 = 0
    #expect(unsafe waitpid(child, &status, 0) == child && status == 0)
    #expect(own != others && !seen.contains(others) && !seen.contains(own))
  }

  @Test("returns the kernel's random numbers if there is no vDSO")
  func withoutImage() throws {
    let vdso = VDSO(trapping: .noVDSO)
    let state = vdso.randomState()
    #expect(try Self.numbers(vdso, state) != Self.numbers(vdso, state))
  }
}
