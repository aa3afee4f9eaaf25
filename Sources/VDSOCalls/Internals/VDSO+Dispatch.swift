// SPDX-License-Identifier: Apache-2.0

// From a function's number to its code.
//
// Assumes: an address stored in `targets` is that of a C function of the vDSO whose arguments are those of the system call of the same
// name. Name, version, type and address were checked at resolution, and the image stays mapped.

extension VDSO {
  /// The function's address, or nil for the trap.
  @inlinable @inline(__always)
  func target(_ function: VDSOFunction) -> UnsafeRawPointer? {
    var target = targets.target(function)
    if target == 0 { target = resolve(function) }
    return target == TargetTable.trap ? nil : unsafe UnsafeRawPointer(bitPattern: target)
  }

  /// Whether the kernel must be asked after the function: not after success, and not after EINVAL, which the kernel would repeat.
  ///
  /// Some kernels' functions return ENOSYS for what they can't do.
  @inlinable @inline(__always)
  func isAnswer(_ result: Int) -> Bool {
    result >= 0 || result == -22
  }

  @inlinable @inline(__always)
  @unsafe func call(_ function: VDSOFunction, _ number: Int, _ a: Int32, _ b: UnsafeMutableRawPointer?) -> Int {
    if let target = unsafe target(function) {
      typealias Function = @convention(c) (Int32, UnsafeMutableRawPointer?) -> Int32
      let result = unsafe Int(unsafeBitCast(target, to: Function.self)(a, b))
      if isAnswer(result) { return result }
    }
    return trap(number, Int(a), Int(bitPattern: b), 0, 0, 0, 0)
  }

  @inlinable @inline(__always)
  @unsafe func call(
    _ function: VDSOFunction, _ number: Int, _ a: UnsafeMutableRawPointer?, _ b: UnsafeMutableRawPointer?
  ) -> Int {
    if let target = unsafe target(function) {
      typealias Function =
        @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32
      let result = unsafe Int(unsafeBitCast(target, to: Function.self)(a, b, nil))
      if isAnswer(result) { return result }
    }
    return trap(number, Int(bitPattern: a), Int(bitPattern: b), 0, 0, 0, 0)
  }

  /// For functions without arguments that can't fail, only ENOSYS means that the kernel must be asked.
  @inlinable @inline(__always)
  func call(_ function: VDSOFunction, _ number: Int) -> UInt32 {
    if let target = unsafe target(function) {
      typealias Function = @convention(c) () -> Int32
      let result = unsafe unsafeBitCast(target, to: Function.self)()
      if result != -38 { return UInt32(bitPattern: result) }
    }
    return UInt32(truncatingIfNeeded: trap(number, 0, 0, 0, 0, 0, 0))
  }
}
