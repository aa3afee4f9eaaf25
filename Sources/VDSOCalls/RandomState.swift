// SPDX-License-Identifier: Apache-2.0

// A thread's state for the vDSO's getrandom.
//
// Assumes: the function that stated the size of the state is the one that is called with it, because a `VDSO` doesn't change. One thread at
// a time uses a state, which can be neither copied nor sent. The function itself copes with signals: if it finds the state in use, it asks
// the kernel.

internal import CSystemCalls
public import LinuxTypes

/// The per-thread state with which the vDSO's getrandom works without a system call; unmapped with its owner.
///
/// Other threads must not use it. A child of fork finds it empty, and gets random numbers of its own.
@safe public struct RandomState: ~Copyable {
  let memory: UnsafeMutableRawPointer?
  let size: Int

  deinit { unsafe linux_unmap_random_state(memory) }
}

@available(*, unavailable)
extension RandomState: Sendable {}

extension VDSO {
  /// A new state for the calling thread. If the vDSO has no such function, the state makes `getrandom` ask the kernel.
  public func randomState() -> RandomState {
    var size = 0
    let memory = unsafe target(.getrandom).flatMap { unsafe linux_map_random_state($0, &size) }
    return unsafe RandomState(memory: memory, size: memory == nil ? 0 : size)
  }

  /// Fills `bytes` with random numbers of the same quality as the kernel's. Up to 256 bytes are always filled completely; a signal may cut
  /// a larger request short. Returns how many bytes were written. The corresponding C function is `getrandom` with no flags.
  public func getrandom(_ bytes: inout MutableSpan<UInt8>, _ state: borrowing RandomState) throws(Errno) -> Int {
    // SAFETY: the buffer is the span's, for the length of the call.
    let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe getrandom(buffer.baseAddress, buffer.count, flags: 0, state: state.memory, stateSize: state.size)
    }
    guard result >= 0 else { throw Errno(result: result) }
    return result
  }
}
