// SPDX-License-Identifier: Apache-2.0

// What the shim reports of itself.

public import CVDSOShim

@c @implementation
public func vdsoshim_get_state() -> Int32 { shim_get_state() }

@c @implementation
public func vdsoshim_is_available() -> Int32 { shim_get_state() == Int32(VDSO_STATE_ACTIVE.rawValue) ? 1 : 0 }
