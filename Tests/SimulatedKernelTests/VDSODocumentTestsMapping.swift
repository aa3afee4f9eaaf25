// SPDX-License-Identifier: Apache-2.0

import CVDSO
import CVDSOKernel
import ELF
import MachInterface
import SimulatedKernel
import Testing
import VDSOImages

/// A task behind the C functions. The handle is never dereferenced.
@safe
private struct MachTask {
  private let handle: task_t?

  init(parent: MachTask? = nil) {
    vdso_init()
    var handle: task_t?
    #expect(unsafe task_create(parent?.handle, parent == nil ? 0 : 1, &handle) == KERN_SUCCESS)
    unsafe self.handle = handle
  }

  func map(_ address: inout vm_offset_t) -> kern_return_t { unsafe vdso_map_into_task(handle, &address) }
  func mapNowhere() -> kern_return_t { unsafe vdso_map_into_task(handle, nil) }
  func unmap() { unsafe vdso_unmap_from_task(handle) }
  func terminate() -> kern_return_t { unsafe task_terminate(handle) }
  func lookup(_ symbol: vdso_symbol_type_t) -> vm_offset_t { unsafe vdso_lookup_symbol_in_task(handle, symbol) }

  func protect(_ address: vm_offset_t, _ protection: vm_prot_t, maximum: Bool = false) -> kern_return_t {
    unsafe vm_protect(handle, address, 4096, maximum ? 1 : 0, protection)
  }
}

@Suite("Design document: mapping", .serialized)
struct VDSODocumentTestsMapping {
  @Test("vdso_map_into_task maps the page at VDSO_USER_BASE, executable and never writable")
  func map() {
    let task = MachTask()
    var address: vm_offset_t = 0
    #expect(task.map(&address) == KERN_SUCCESS)
    #expect(address == VDSO_USER_BASE)
    #expect(task.lookup(VDSO_SYM_TIME) == VDSO_USER_BASE + 0x300)
    let writable = VM_PROT_READ | VM_PROT_WRITE
    #expect(task.protect(address, writable) == KERN_PROTECTION_FAILURE)
    #expect(task.protect(address, writable, maximum: true) == KERN_PROTECTION_FAILURE)
    #expect(task.protect(address - 8192, writable) == KERN_PROTECTION_FAILURE)
    // At an address where nothing is mapped, the call succeeds.
    #expect(task.protect(address + 4096, writable) == KERN_SUCCESS)
  }

  @Test("vdso_map_into_task refuses a null task, a null address and a second mapping")
  func refusals() {
    let task = MachTask()
    var address: vm_offset_t = 0
    #expect(unsafe vdso_map_into_task(nil, &address) == KERN_INVALID_ARGUMENT)
    #expect(task.mapNowhere() == KERN_INVALID_ARGUMENT)
    #expect(task.map(&address) == KERN_SUCCESS)
    #expect(task.map(&address) == KERN_INVALID_ARGUMENT)
  }

  @Test("vdso_unmap_from_task removes the pages, and they can be mapped again")
  func unmap() {
    let task = MachTask()
    var address: vm_offset_t = 0
    #expect(task.map(&address) == KERN_SUCCESS)
    task.unmap()
    #expect(task.protect(address, VM_PROT_READ | VM_PROT_WRITE) == KERN_SUCCESS)
    #expect(task.lookup(VDSO_SYM_TIME) == 0)
    task.unmap()
    #expect(task.map(&address) == KERN_SUCCESS)
  }

  @Test("a child inherits the mapping, and a task that has ended has none")
  func lifetime() {
    let task = MachTask()
    var address: vm_offset_t = 0
    #expect(task.map(&address) == KERN_SUCCESS)
    let child = MachTask(parent: task)
    #expect(task.terminate() == KERN_SUCCESS)
    #expect(task.terminate() == KERN_INVALID_ARGUMENT)
    #expect(task.map(&address) == KERN_INVALID_ARGUMENT)
    #expect(child.lookup(VDSO_SYM_TIME) == VDSO_USER_BASE + 0x300)
  }

  @Test("a task sees the kernel's page itself, an ELF image that its auxiliary vector names")
  func contents() throws {
    var kernel = SimulatedKernel(architecture: .i386)
    try kernel.initialize()
    let mapper = try TaskMapper(kernel)
    let task = SimulatedTask(architecture: .i386)
    #expect(task.auxiliaryEntries.isEmpty)
    let address = try mapper.map(into: task)
    let entry = try #require(task.auxiliaryEntries.first)
    #expect(entry.type == 33 && entry.value == address)
    let seen = try task.addressSpace.read(entry.value, count: Int(VDSO_PAGE_SIZE))
    #expect(seen == kernel.state.page?.bytes)
    let image = try ELFImage(bytes: seen, layout: .memory)
    #expect(try image.dynamicSymbols().symbol(named: "__vdso_time", version: "LINUX_2.6") != nil)
  }
}
