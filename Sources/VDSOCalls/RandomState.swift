// SPDX-License-Identifier: Apache-2.0

// A thread's state for the vDSO's getrandom.
//
// Assumes: the function that was asked for the state's shape is the one that is called with it, since a `VDSO` doesn't change;
// one thread at a time uses a state, which can be neither copied nor sent. The function itself copes with signals: it finds the state
// in use and asks the kernel.

internal import CSystemCalls
public import LinuxTypes

/// What the vDSO's getrandom needs of a thread to answer without a system call; unmapped with its owner.
///
/// Not for other threads. A child of fork finds it empty, and gets numbers of its own.
@safe public struct RandomState: ~Copyable {
  let memory: UnsafeMutableRawPointer?
  let size: Int

  deinit { unsafe linux_unmap_random_state(memory) }
}

@available(*, unavailable)
extension RandomState: Sendable {}

extension VDSO {
  /// A new state for the calling thread. Where the vDSO has no such function, one with which the kernel is asked.
  public func randomState() -> RandomState {
    var size = 0
    let memory = unsafe target(.getrandom).flatMap { unsafe linux_map_random_state($0, &size) }
    return unsafe RandomState(memory: memory, size: memory == nil ? 0 : size)
  }

  /// Fills `bytes` with random numbers as good as the kernel's: up to 256 at once are whole, beyond that a signal may cut them
  /// short. Returns how many were written. The corresponding C function is `getrandom` with no flags.
  public func getrandom(_ bytes: inout MutableSpan<UInt8>, _ state: borrowing RandomState) throws(Errno) -> Int {
    // SAFETY: the buffer is the span's, for the length of the call.
    let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe getrandom(buffer.baseAddress, buffer.count, flags: 0, state: state.memory, stateSize: state.size)
    }
    guard result >= 0 else { throw Errno(result: result) }
    return result
  }
}
