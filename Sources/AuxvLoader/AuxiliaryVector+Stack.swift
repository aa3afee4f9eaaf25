// SPDX-License-Identifier: Apache-2.0

// The vector on the initial stack, and as libc kept it.
//
// Assumes: the caller gives the address that the kernel handed to the program's entry point, with the stack still as
// the kernel left it: argument count, arguments, null, environment, null, vector.

internal import CLinux

extension AuxiliaryVector {
  /// Reads the vector above the arguments and environment on a program's initial stack.
  ///
  /// `stack` is the stack pointer at the program's entry point. Needs no libc. Async-signal-safe, except that it allocates the array.
  @unsafe public init(initialStack stack: UnsafePointer<UInt>) {
    let argumentCount = unsafe Int(bitPattern: stack[0])
    var next = unsafe stack + 1 + argumentCount + 1
    while unsafe next.pointee != 0 { unsafe next += 1 }
    unsafe self.init(at: next + 1)
  }

  /// Reads a vector of this process's format from memory, up to `AT_NULL`.
  @unsafe public init(at address: UnsafePointer<UInt>) {
    self.init()
    var next = unsafe address
    while unsafe next[0] != 0 {
      unsafe entries.append(Entry(AuxvKey(rawValue: UInt64(next[0])), UInt64(next[1])))
      unsafe next += 2
    }
  }
}

extension AuxvKey {
  /// This process's value of the key as libc kept it, 0 if there is none. Async-signal-safe, allocation-free.
  ///
  /// On x86, glibc returns a value of its own for `AT_HWCAP`. The corresponding C function is `getauxval`.
  public var valueInThisProcess: UInt64 {
    UInt64(linux_getauxval(UInt(truncatingIfNeeded: rawValue)))
  }
}
