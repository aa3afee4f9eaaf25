// SPDX-License-Identifier: Apache-2.0

// Mach's own functions on tasks, as far as the model has them. vdso_kernel.h describes each.
//
// Assumes that pointers from C are null or valid for their type, as the header requires.

public import CVDSOKernel
import SimulatedKernel
import Synchronization

@c @implementation
public func task_create(
  _ parent: task_t!, _ inherit_memory: boolean_t, _ child: UnsafeMutablePointer<task_t?>!
) -> kern_return_t {
  guard let child = unsafe child else { return KERN_INVALID_ARGUMENT }
  let parentHandle = UInt(bitPattern: parent)
  let handle: UInt? = globals.withLock { globals in
    guard parentHandle != 0, inherit_memory != 0 else {
      return globals.add(SimulatedTask(architecture: globals.kernel.architecture))
    }
    return (try? globals.task(parentHandle)?.fork()).map { globals.add($0) }
  }
  guard let handle else { return KERN_INVALID_ARGUMENT }
  unsafe child.pointee = task_t(bitPattern: handle)
  return KERN_SUCCESS
}

@c @implementation
public func task_terminate(_ task: task_t!) -> kern_return_t {
  let handle = UInt(bitPattern: task)
  return globals.withLock { globals in
    guard let task = globals.remove(handle) else { return KERN_INVALID_ARGUMENT }
    return returned { () throws(KernReturn) in try task.terminate() }
  }
}

@c @implementation
public func vm_protect(
  _ task: task_t!, _ address: vm_offset_t, _ size: vm_size_t, _ set_maximum: boolean_t, _ protection: vm_prot_t
) -> kern_return_t {
  let handle = UInt(bitPattern: task)
  return globals.withLock { globals in
    guard let task = globals.task(handle) else { return KERN_INVALID_ARGUMENT }
    return returned { () throws(KernReturn) in
      try task.addressSpace.protect(
        UInt64(address), size: UInt64(size), Protection(rawValue: protection), setMaximum: set_maximum != 0)
    }
  }
}
