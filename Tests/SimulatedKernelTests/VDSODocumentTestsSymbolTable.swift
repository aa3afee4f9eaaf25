// SPDX-License-Identifier: Apache-2.0

import CVDSO
import CVDSOKernel
import ELF
import MachInterface
import SimulatedKernel
import Testing
import VDSOImages

@Suite("Design document: symbol table", .serialized)
struct VDSODocumentTestsSymbolTable {
  @Test("vdso_lookup_symbol returns the user addresses 0x100, 0x200, 0x300 and 0x400 into the page")
  func lookup() {
    vdso_init()
    let symbols = [VDSO_SYM_GETTIMEOFDAY, VDSO_SYM_CLOCK_GETTIME, VDSO_SYM_TIME, VDSO_SYM_GETPID]
    #expect(symbols.map(vdso_lookup_symbol) == [0x7fff_f100, 0x7fff_f200, 0x7fff_f300, 0x7fff_f400])
  }

  @Test("vdso_lookup_symbol returns 0 for a number without a symbol")
  func unknownSymbol() {
    vdso_init()
    #expect(vdso_lookup_symbol(vdso_symbol_type_t(14)) == 0)
    #expect(vdso_lookup_symbol(vdso_symbol_type_t(16)) == 0)
    #expect(vdso_lookup_symbol(vdso_symbol_type_t(.max)) == 0)
  }

  @Test("a kernel that has not booted has no symbols")
  func notInitialized() {
    let kernel = SimulatedKernel(architecture: .i386)
    #expect(kernel.offset(of: .time) == nil)
    #expect(!kernel.state.isInitialized)
    #expect(kernel.state.page == nil)
  }

  @Test(
    "symbol names are offsets of strings in the page and not kernel addresses",
    arguments: VDSOImages.Architecture.allCases
  )
  func names(architecture: VDSOImages.Architecture) throws {
    let page = try #require(CodePage(architecture: architecture))
    for symbol in page.availableSymbols {
      let entry = Int(VDSO_HEADER_OFFSET) + 16 + 12 * Int(symbol.rawValue)
      let name = page.bytes[entry..<entry + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
      #expect(name < Int(VDSO_PAGE_SIZE))
      #expect(String(decoding: page.bytes[name...].prefix { $0 != 0 }, as: UTF8.self) == symbol.name)
    }
  }

  @Test("slots start at multiples of 8 bytes within the page", arguments: VDSOImages.Architecture.allCases)
  func slots(architecture: VDSOImages.Architecture) {
    for number in 0..<UInt32(VDSO_MAX_SYMBOLS) {
      let slot = SymbolType(rawValue: number).slotOffset(on: architecture)
      #expect(slot % 8 == 0 && slot + Int(VDSO_SLOT_SIZE) <= Int(VDSO_PAGE_SIZE))
    }
  }

  @Test("vdso_add_symbol adds a symbol beyond the documented four, once, and refuses an invalid one")
  func addSymbol() {
    vdso_init()
    let symbol = vdso_symbol_type_t(15)
    let known = unsafe vdso_get_state().pointee.header.pointee.symbol_count
    #expect(vdso_add_symbol(symbol, nil, 0x300) == KERN_INVALID_ARGUMENT)
    #expect(unsafe vdso_add_symbol(symbol, "seconds", 0x301) == KERN_INVALID_ARGUMENT)
    #expect(unsafe vdso_add_symbol(vdso_symbol_type_t(16), "seconds", 0x300) == KERN_INVALID_ARGUMENT)
    #expect(vdso_lookup_symbol(symbol) == 0)
    #expect(unsafe vdso_add_symbol(symbol, "seconds", 0x300) == KERN_SUCCESS)
    #expect(unsafe vdso_get_state().pointee.header.pointee.symbol_count == known + 1)
    #expect(vdso_lookup_symbol(symbol) == VDSO_USER_BASE + 0x160)
    #expect(unsafe vdso_add_symbol(symbol, "seconds", 0x300) == KERN_INVALID_ARGUMENT)
  }
}
