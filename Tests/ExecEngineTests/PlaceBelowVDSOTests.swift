// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import Testing

@Suite("The gap below the kernel's vDSO")
struct PlaceBelowVDSOTests {
  private static let libraries = "7f0000000000-7f0000002000 r--p 00000000 fe:00 323410   /usr/lib/libc.so.6\n"
  private static let kernels = """
    7f0000010000-7f0000014000 r--p 00000000 00:00 0    [vvar]
    7f0000014000-7f0000016000 r--p 00000000 00:00 0    [vvar_vclock]
    7f0000016000-7f0000018000 r-xp 00000000 00:00 0    [vdso]
    7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0    [stack]

    """

  private func address(_ maps: String, header: UInt64 = 0x7f00_0001_6000, count: UInt64 = 0x3000) -> UInt64? {
    PlaceBelowVDSO.address(in: Array(maps.utf8), header: header, count: count)
  }

  @Test("finds the gap directly below the kernel's vDSO data")
  func below() {
    #expect(address(Self.kernels) == 0x7f00_0000_d000)
    #expect(address(Self.libraries + Self.kernels) == 0x7f00_0000_d000)
    #expect(address(Self.libraries + Self.kernels, count: 0xe000) == 0x7f00_0000_2000)
  }

  @Test("finds no gap below the kernel's vDSO if another mapping is there, the image isn't, or the text is unknown")
  func none() {
    #expect(address(Self.libraries + Self.kernels, count: 0xf000) == nil)
    #expect(address(Self.kernels, header: 0x7f00_0001_0000) == nil)
    #expect(address("anything\n" + Self.kernels) == nil)
    #expect(address("") == nil)
    #expect(address(Self.kernels, count: 0x7f00_0001_1000) == nil)
  }

  @Test("ignores vDSO data of the kernel that isn't next to the image")
  func gap() {
    let maps = Self.kernels.replacing("7f0000010000-7f0000014000", with: "7f0000000000-7f0000004000")
    #expect(address(maps) == 0x7f00_0001_1000)
  }
}
