// SPDX-License-Identifier: Apache-2.0

// The functions of GNU Mach's design. vdso_kernel.h describes each.
//
// Assumes that pointers from C are null or valid for their type, as the header requires.

public import CVDSO
public import CVDSOKernel
import SimulatedKernel
import Synchronization

@c @implementation
public func vdso_init() {
  globals.withLock { globals in
    try? globals.initialize()
  }
}

@c @implementation
public func vdso_arch_init() {
  globals.withLock { $0.kernel.initializeArchitecture() }
}

@c @implementation
public func vdso_bootstrap() -> kern_return_t {
  globals.withLock { globals in
    (try? globals.bootstrap()) == nil ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS
  }
}

@c @implementation
public func vdso_arch_setup_page(_ page: vm_offset_t) -> kern_return_t {
  guard let memory = unsafe UnsafeMutableRawPointer(bitPattern: page) else { return KERN_INVALID_ARGUMENT }
  guard let code = globals.withLock({ try? $0.kernel.setUpPage() }) else { return KERN_FAILURE }
  unsafe code.bytes.withUnsafeBytes { unsafe memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
  return KERN_SUCCESS
}

@c @implementation
public func vdso_is_available() -> boolean_t {
  globals.withLock { $0.kernel.isAvailable ? 1 : 0 }
}

@c @implementation
public func vdso_get_state() -> UnsafeMutablePointer<vdso_state_t>! {
  globals.withLock { globals in
    let header = unsafe globals.page.map { unsafe $0.address + Int(VDSO_HEADER_OFFSET) }
    unsafe visibleState.pointee = unsafe vdso_state_t(
      vdso_page: globals.page.map { unsafe UInt(bitPattern: $0.address) } ?? 0,
      vdso_size: UInt(VDSO_PAGE_SIZE), initialized: globals.kernel.isAvailable ? 1 : 0,
      header: header?.assumingMemoryBound(to: vdso_header_t.self))
  }
  return unsafe visibleState
}

@c @implementation
public func vdso_map_into_task(_ task: task_t!, _ address: UnsafeMutablePointer<vm_offset_t>!) -> kern_return_t {
  guard let address = unsafe address else { return KERN_INVALID_ARGUMENT }
  let handle = UInt(bitPattern: task)
  let result: Result<UInt64, KernReturn> = globals.withLock { globals in
    guard let mapper = globals.mapper else { return .failure(.failure) }
    guard let task = globals.task(handle) else { return .failure(.invalidArgument) }
    return Result { () throws(KernReturn) in try mapper.map(into: task) }
  }
  return returned { () throws(KernReturn) in
    unsafe address.pointee = UInt(try result.get())
  }
}

@c @implementation
public func vdso_unmap_from_task(_ task: task_t!) {
  let handle = UInt(bitPattern: task)
  globals.withLock { globals in
    guard let task = globals.task(handle) else { return }
    globals.mapper?.unmap(from: task)
  }
}

@c @implementation
public func vdso_lookup_symbol(_ symbol: vdso_symbol_type_t) -> vm_offset_t {
  let offset = globals.withLock { $0.kernel.offset(of: SymbolType(rawValue: symbol.rawValue)) }
  return offset.map { UInt(VDSO_USER_BASE) + UInt($0) } ?? 0
}

@c @implementation
public func vdso_lookup_symbol_in_task(_ task: task_t!, _ symbol: vdso_symbol_type_t) -> vm_offset_t {
  let handle = UInt(bitPattern: task)
  let address = globals.withLock { globals in
    globals.task(handle).flatMap { globals.mapper?.address(of: SymbolType(rawValue: symbol.rawValue), in: $0) }
  }
  return address.map { UInt($0) } ?? 0
}

@c @implementation
public func vdso_add_symbol(
  _ symbol: vdso_symbol_type_t, _ name: UnsafePointer<CChar>!, _ offset: vm_offset_t
) -> kern_return_t {
  guard let name = unsafe name, let offset = Int(exactly: offset) else { return KERN_INVALID_ARGUMENT }
  let text = unsafe String(cString: name)
  return globals.withLock { globals in
    returned { () throws(KernReturn) in
      try globals.addSymbol(SymbolType(rawValue: symbol.rawValue), named: text, at: offset)
    }
  }
}
