// SPDX-License-Identifier: Apache-2.0

// The one kernel behind the C functions.
//
// Assumes nothing of the handles that C passes: a task's handle is a number in the form of a pointer, looked up and never dereferenced. The
// pointers in `visibleState` lead to objects that `globals` keeps forever.

import CVDSO
import CVDSOKernel
import SimulatedKernel
import Synchronization
import VDSOImages

/// The kernel for GNU Mach's page, and its tasks by handle.
struct KernelGlobals {
  var kernel = SimulatedKernel(architecture: .i386, flavor: .mach, clockSource: .host)
  var page: MemoryObject?
  var mapper: TaskMapper?
  private var tasks: [UInt: SimulatedTask] = [:]
  private var lastHandle: UInt = 0

  /// What `vdso_bootstrap` does.
  mutating func bootstrap() throws(KernelError) {
    try kernel.bootstrap()
    guard page == nil, let code = kernel.state.page else { return }
    page = MemoryObject(code.bytes)
  }

  /// What `vdso_init` does.
  mutating func initialize() throws(KernelError) {
    try kernel.initialize()
    try bootstrap()
    if mapper == nil { mapper = try TaskMapper(kernel) }
  }

  /// What `vdso_add_symbol` does.
  mutating func addSymbol(_ symbol: SymbolType, named name: String, at offset: Int) throws(KernReturn) {
    guard let mapper else { throw .invalidArgument }
    try mapper.addSymbol(symbol, named: name, at: offset)
    kernel = mapper.kernel
    page?.write(mapper.codeObject.bytes)
  }

  func task(_ handle: UInt) -> SimulatedTask? { tasks[handle] }

  mutating func add(_ task: SimulatedTask) -> UInt {
    lastHandle += 1
    tasks[lastHandle] = task
    return lastHandle
  }

  mutating func remove(_ handle: UInt) -> SimulatedTask? { tasks.removeValue(forKey: handle) }
}

let globals = Mutex(KernelGlobals())

/// What `vdso_get_state` returns.
nonisolated(unsafe) let visibleState: UnsafeMutablePointer<vdso_state_t> = {
  let state = UnsafeMutablePointer<vdso_state_t>.allocate(capacity: 1)
  unsafe state.initialize(to: vdso_state_t())
  return unsafe state
}()

/// Runs `body`, and returns its result as C expects it.
func returned(_ body: () throws(KernReturn) -> Void) -> kern_return_t {
  do {
    try body()
    return KernReturn.success.rawValue
  } catch {
    return error.rawValue
  }
}
