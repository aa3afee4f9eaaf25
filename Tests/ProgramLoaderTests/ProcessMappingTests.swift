// SPDX-License-Identifier: Apache-2.0

import ProcessSupport
import Testing

@Suite("Mappings in /proc/PID/maps")
struct ProcessMappingTests {
  @Test("reads the mappings that the kernel named, whatever else the maps text contains")
  func list() {
    let text = """
      55d0c0000000-55d0c0004000 r--p 00000000 fe:00 253957 /usr/bin/a program [odd]name
      55d0c1000000-55d0c1021000 rw-p 00000000 00:00 0 [heap]
      7fff00000000-7fff00021000 rw-p 00000000 00:00 0                          [stack]
      7fff00100000-7fff00104000 r--p 00000000 00:00 0 [vvar]
      7fff00104000-7fff00106000 r--p 00000000 00:00 0 [vvar_vclock]
      7fff00106000-7fff00108000 r-xp 00000000 00:00 0 [vdso]
      nonsense]
      ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
      """
    let regions = ProcessMapping.list(Array(text.utf8))
    #expect(regions.filter(\.isStack).map(\.range) == [0x7fff_0000_0000..<0x7fff_0002_1000])
    #expect(
      regions.filter(\.isKernelVDSO).map(\.range) == [
        0x7fff_0010_0000..<0x7fff_0010_4000, 0x7fff_0010_4000..<0x7fff_0010_6000, 0x7fff_0010_6000..<0x7fff_0010_8000,
      ])
  }
}
