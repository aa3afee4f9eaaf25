// SPDX-License-Identifier: Apache-2.0

import MappedELF
import Testing

@testable import ProcessAttachment

@Suite("Free addresses for the pages of attached processes")
struct ProcessMapTests {
  private static let vdso: UInt64 = 0xf7f8_5000

  private func gap(_ ranges: [String], stack: String? = nil) -> UInt64? {
    let lines =
      ranges.map { "\($0) rw-p 00000000 00:00 0 \n" } + (stack.map { ["\($0) rw-p 00000000 00:00 0 [stack]\n"] } ?? [])
    let text = lines.joined()
    return ProcessMap(Array(text.utf8)).gap(of: 0x4000, near: Self.vdso, .bits32)
  }

  @Test("the nearest gap of a 32-bit process is used")
  func nearest() {
    #expect(gap(["08048000-08049000", "f7f50000-f7f6f000", "f7f80000-f7fb0000"]) == 0xf7f7_c000)
    // Too small a gap is left out.
    #expect(gap(["08048000-08049000", "f7d00000-f7f7f000", "f7f80000-f7fb0000"]) == 0xf7fb_0000)
  }

  @Test("a 32-bit process has no addresses above its stack, and its gap may be more than 2 GiB away")
  func limits() {
    #expect(gap(["30000000-b7f00000", "b7f00000-bf800000"], stack: "bffdf000-c0000000") == 0x2fff_c000)
    #expect(gap(["10000000-ffffe000"]) == nil)
  }
}
