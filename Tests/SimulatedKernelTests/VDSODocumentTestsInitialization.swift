// SPDX-License-Identifier: Apache-2.0

import CVDSO
import CVDSOKernel
import MachInterface
import SimulatedKernel
import Testing
import VDSOImages

/// The tests of GNU Mach's design document, through the C functions that it names.
@Suite("Design document: initialization", .serialized)
struct VDSODocumentTestsInitialization {
  @Test("vdso_init makes the vDSO available, once")
  func initialization() {
    vdso_init()
    #expect(vdso_is_available() == 1)
    let page = unsafe vdso_get_state().pointee.vdso_page
    vdso_init()
    #expect(unsafe vdso_get_state().pointee.vdso_page == page)
  }

  @Test("vdso_get_state shows one page with a Mach header in it")
  func state() {
    vdso_init()
    let state = unsafe vdso_get_state().pointee
    #expect(unsafe state.initialized == 1)
    #expect(unsafe state.vdso_size == 4096)
    #expect(unsafe state.vdso_page % 4096 == 0)
    #expect(unsafe UInt(bitPattern: state.header) == state.vdso_page + UInt(VDSO_HEADER_OFFSET))
    #expect(unsafe state.header.pointee.magic == 0x5644_53C0)
    #expect(unsafe state.header.pointee.version == 1)
  }

  @Test("vdso_bootstrap after vdso_init keeps the page")
  func bootstrap() {
    vdso_init()
    let page = unsafe vdso_get_state().pointee.vdso_page
    #expect(vdso_bootstrap() == KERN_SUCCESS)
    #expect(unsafe vdso_get_state().pointee.vdso_page == page)
  }

  @Test("vdso_arch_setup_page fills a page like the kernel's own, and refuses a null one")
  func setUpPage() throws {
    let object = MemoryObject()
    #expect(unsafe vdso_arch_setup_page(UInt(bitPattern: object.address)) == KERN_SUCCESS)
    #expect(object.bytes == (try #require(CodePage(architecture: .i386, flavor: .mach))).bytes)
    #expect(vdso_arch_setup_page(0) == KERN_INVALID_ARGUMENT)
  }

  @Test("the constants match the design document")
  func constants() {
    #expect(VDSO_PAGE_SIZE == 4096)
    #expect(VDSO_MAX_SYMBOLS == 16)
    #expect(VDSO_USER_BASE == 0x7fff_f000)
    #expect(VDSO_VERSION == 1)
    #expect(
      [VDSO_SYM_GETTIMEOFDAY, VDSO_SYM_CLOCK_GETTIME, VDSO_SYM_TIME, VDSO_SYM_GETPID].map(\.rawValue) == [0, 1, 2, 3])
  }
}
