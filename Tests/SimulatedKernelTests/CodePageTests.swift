// SPDX-License-Identifier: Apache-2.0

import CVDSO
import SimulatedKernel
import Testing
import VDSOImages

@Suite("Code page")
struct CodePageTests {
  @Test(
    "lists each symbol with a slot in the Mach header by its name", arguments: VDSOImages.Architecture.allCases
  )
  func header(architecture: VDSOImages.Architecture) throws {
    let page = try #require(CodePage(architecture: architecture))
    let bytes = page.bytes
    func word(_ offset: Int) -> UInt32 { bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    let header = Int(VDSO_HEADER_OFFSET)
    #expect(word(header) == UInt32(VDSO_MAGIC))
    #expect(word(header + 4) == UInt32(VDSO_VERSION))
    #expect(Int(word(header + 8)) == page.availableSymbols.count)
    for symbol in page.availableSymbols {
      let entry = header + 16 + 12 * Int(symbol.rawValue)
      let name = bytes[Int(word(entry))...].prefix { $0 != 0 }
      #expect(String(decoding: name, as: UTF8.self) == symbol.name)
      #expect(Int(word(entry + 4)) == symbol.slotOffset(on: architecture))
      #expect(bytes[Int(word(entry + 4))] != 0)
    }
  }

  @Test("has the four documented symbols on every architecture", arguments: VDSOImages.Architecture.allCases)
  func documentedSymbols(architecture: VDSOImages.Architecture) throws {
    let page = try #require(CodePage(architecture: architecture))
    #expect(Set(page.availableSymbols).isSuperset(of: [.gettimeofday, .clockGettime, .time, .getpid]))
  }

  @Test("has the documented slots 0x100, 0x200, 0x300, 0x400 on i386")
  func documentedSlots() {
    let symbols: [SymbolType] = [.gettimeofday, .clockGettime, .time, .getpid]
    #expect(symbols.map { $0.slotOffset(on: .i386) } == [0x100, 0x200, 0x300, 0x400])
  }

  @Test("exists in the Mach flavor only for i386")
  func flavors() {
    #expect(CodePage(architecture: .i386, flavor: .mach) != nil)
    #expect(CodePage(architecture: .x86_64, flavor: .mach) == nil)
  }

  @Test("holds no address of the host before a task's addresses are filled in")
  func noHostAddresses() throws {
    var page = try #require(CodePage(architecture: .x86_64))
    let host = Int(VDSO_HOST_OFFSET_64)
    #expect(page.bytes[host..<host + 48].allSatisfy { $0 == 0 })
    page.setHostEntryPoints(HostEntryPoints(clockGettime: 0x7fff_1234_5678))
    #expect(Array(page.bytes[host..<host + 8]) == [0x78, 0x56, 0x34, 0x12, 0xff, 0x7f, 0, 0])
  }
}
