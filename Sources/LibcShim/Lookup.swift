// SPDX-License-Identifier: Apache-2.0

// Lookup of symbols and of the shim's state, for C programs.
//
// Assumes: names are null-terminated, or null where the function says so.

public import CVDSOShim
internal import MappedELF
internal import VDSOCalls

@c @implementation
public func vdsoshim_resolution(_ name: UnsafePointer<CChar>!) -> UnsafePointer<CChar>! {
  guard let name = unsafe name else { return nil }
  for index in 0..<SHIM_FUNCTION_COUNT {
    let function = ShimFunction(index: index)
    if unsafe function.isNamed(name) {
      if index == SHIM_GETPID, shim_is_shared() != 0, unsafe shim_target(index) != nil {
        return unsafe ShimFunction.characters("trap: a child shares this memory")
      }
      return unsafe shim_reason(index) ?? ShimFunction.characters("trap: the library has not started yet")
    }
  }
  return nil
}

@c @implementation
public func vdsoshim_lookup_symbol(_ name: UnsafePointer<CChar>!) -> UnsafeMutableRawPointer! {
  guard let name = unsafe name else { return nil }
  guard let object = try? MappedVDSO.current().object,
    let symbol = unsafe try? object.symbol(named: name, version: nil)
  else { return nil }
  return unsafe UnsafeMutableRawPointer(bitPattern: object.loadBias &+ symbol.value)
}

// The shim's state.

@c @implementation
public func vdsoshim_get_state() -> Int32 { shim_get_state() }

@c @implementation
public func vdsoshim_is_available() -> Int32 { shim_get_state() == Int32(VDSO_STATE_ACTIVE.rawValue) ? 1 : 0 }
