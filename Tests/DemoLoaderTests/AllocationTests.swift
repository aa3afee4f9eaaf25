// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite("The launcher's memory, where it is linked with musl")
struct AllocationTests {
  @Test("blocks keep their contents and have their alignment, whatever is allocated, grown and freed")
  func blocks() throws {
    let directory = try TemporaryDirectory()
    let seed = UInt32.random(in: 0 ... .max)
    let allocation = Fixtures.package + "/Embedded/with-musl/allocation.c"
    let program = try Fixtures.compile(
      "programs/allocation.c", with: ["musl-gcc", "-O1", "-static", allocation], in: directory)
    let result = try Command.run([program, "\(seed)"])
    #expect(result.status == 0, "seed \(seed): \(result.output)")
  }
}
