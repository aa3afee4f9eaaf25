// The calls themselves: one indirect call where the vDSO has the function, else a trap.
//
// Assumes that an address in a `Resolver` is that of a function with Linux's signature, in an image that stays mapped. Who
// hands in an image of his own guarantees the same.

import CLinux

/// A time as Linux's 64-bit calls give it: seconds, and nanoseconds or microseconds.
///
/// The corresponding C structures are `struct timespec` and `struct timeval`.
public struct TimePair: Hashable, Sendable {
  public var seconds: Int
  public var fraction: Int

  public init(seconds: Int = 0, fraction: Int = 0) {
    self.seconds = seconds
    self.fraction = fraction
  }
}

/// The functions of a vDSO, callable: results are Linux's, 0 or a negated error number.
///
/// Each call is async-signal-safe, allocates nothing and may be made from any thread. A function that answers ENOSYS, as
/// some kernels' do for clocks that they can't read, is followed by the trap; any other error is passed on.
@safe
public struct VDSOCalls: Sendable {
  private typealias TimeFunction = @convention(c) (Int, UnsafeMutableRawPointer?) -> Int32
  private typealias DayFunction = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int32
  private typealias SecondsFunction = @convention(c) (UnsafeMutablePointer<Int>?) -> Int
  private typealias IdentityFunction = @convention(c) () -> Int32
  private typealias CPUFunction =
    @convention(c) (UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<UInt32>?, UnsafeMutableRawPointer?) -> Int32

  private let clockGettimeAddress: UInt
  private let clockGetresAddress: UInt
  private let gettimeofdayAddress: UInt
  private let timeAddress: UInt
  private let getcpuAddress: UInt
  private let getpidAddress: UInt

  /// Takes the ways of `resolver`.
  public init(_ resolver: Resolver) {
    clockGettimeAddress = resolver.address(of: .clockGettime)
    clockGetresAddress = resolver.address(of: .clockGetres)
    gettimeofdayAddress = resolver.address(of: .gettimeofday)
    timeAddress = resolver.address(of: .time)
    getcpuAddress = resolver.address(of: .getcpu)
    getpidAddress = resolver.address(of: .getpid)
  }

  /// Reads clock `id`, nanoseconds. The corresponding C function is `clock_gettime`.
  public func clockGettime(_ id: Int32, _ time: inout TimePair) -> Int {
    unsafe withUnsafeMutablePointer(to: &time) { pointer in
      unsafe call(clockGettimeAddress, TimeFunction.self, trap: linux_nr_clock_gettime, Int(id), pointer)
    }
  }

  /// Tells the resolution of clock `id`, nanoseconds. The corresponding C function is `clock_getres`.
  public func clockGetres(_ id: Int32, _ resolution: inout TimePair) -> Int {
    unsafe withUnsafeMutablePointer(to: &resolution) { pointer in
      unsafe call(clockGetresAddress, TimeFunction.self, trap: linux_nr_clock_getres, Int(id), pointer)
    }
  }

  /// Reads the date, microseconds. The corresponding C function is `gettimeofday`.
  public func gettimeofday(_ time: inout TimePair) -> Int {
    unsafe withUnsafeMutablePointer(to: &time) { pointer in
      if let function = unsafe pointerTo(gettimeofdayAddress, as: DayFunction.self) {
        let status = unsafe Int(function(pointer, nil))
        if status != Self.noSuchCall { return status }
      }
      return linux_syscall(linux_nr_gettimeofday, Int(bitPattern: pointer), 0, 0, 0, 0, 0)
    }
  }

  /// Reads the date in seconds. The corresponding C function is `time`.
  ///
  /// Where there is no such function, as on AArch64 and RISC-V, it is that of `gettimeofday`.
  public func time() -> Int {
    if let function = unsafe pointerTo(timeAddress, as: SecondsFunction.self) {
      return function(nil)
    }
    var now = TimePair()
    let status = gettimeofday(&now)
    return status == 0 ? now.seconds : status
  }

  /// Tells this process's id. The corresponding C function is `getpid`.
  public func getpid() -> Int32 {
    if let function = pointerTo(getpidAddress, as: IdentityFunction.self) {
      let id = function()
      if id != Int32(Self.noSuchCall) { return id }
    }
    return Int32(truncatingIfNeeded: linux_syscall(linux_nr_getpid, 0, 0, 0, 0, 0, 0))
  }

  /// Tells the processor and the memory node that this thread runs on. The corresponding C function is `getcpu`.
  public func getcpu(_ cpu: inout UInt32, _ node: inout UInt32) -> Int {
    unsafe withUnsafeMutablePointer(to: &cpu) { cpu in
      unsafe withUnsafeMutablePointer(to: &node) { node in
        if let function = unsafe pointerTo(getcpuAddress, as: CPUFunction.self) {
          let status = unsafe Int(function(cpu, node, nil))
          if status != Self.noSuchCall { return status }
        }
        return linux_syscall(linux_nr_getcpu, Int(bitPattern: cpu), Int(bitPattern: node), 0, 0, 0, 0)
      }
    }
  }

  private static let noSuchCall = -38

  private func call(
    _ address: UInt, _: TimeFunction.Type, trap number: Int, _ id: Int, _ pointer: UnsafeMutablePointer<TimePair>
  ) -> Int {
    if let function = unsafe pointerTo(address, as: TimeFunction.self) {
      let status = unsafe Int(function(id, pointer))
      if status != Self.noSuchCall { return status }
    }
    return linux_syscall(number, id, Int(bitPattern: pointer), 0, 0, 0, 0)
  }

  @inline(__always)
  private func pointerTo<Function>(_ address: UInt, as: Function.Type) -> Function? {
    // SAFETY: see the head of the file; a C function pointer is an address.
    address == 0 ? nil : unsafe unsafeBitCast(address, to: Function.self)
  }
}
