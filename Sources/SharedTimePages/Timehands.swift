// SPDX-License-Identifier: Apache-2.0

import ELF

/// The counter that a page uses, by number; the meaning of a number depends on the architecture.
///
/// An open set. The corresponding C constants are `VDSO_TH_ALGO_1` to `VDSO_TH_ALGO_4`.
public struct TimekeepAlgorithm: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// x86: the cycle counter; ARM: the generic timer; RISC-V: the time register.
  public static let counter = TimekeepAlgorithm(rawValue: 1)
  /// x86: the event timer, whose registers a program maps from /dev/hpetN.
  public static let hpet = TimekeepAlgorithm(rawValue: 2)
  /// x86: Hyper-V's reference counter, whose scale a program maps from /dev/hv_tsc.
  public static let hyperV = TimekeepAlgorithm(rawValue: 3)
  /// x86: KVM's and Xen's clock, whose state a program maps from /dev/pvclock.
  public static let paravirtual = TimekeepAlgorithm(rawValue: 4)
}

/// A state of FreeBSD's clock: the time at one counter value, and the rate from there on.
///
/// The corresponding C structure is `vdso_timehands`.
public struct Timehands: Hashable, Sendable {
  public var algorithm = TimekeepAlgorithm.counter
  /// 0 while the writer changes the structure; otherwise it differs from state to state.
  public var generation: UInt32 = 0
  /// 2^-64 parts of a second per count.
  public var scale: UInt64 = 0
  /// The counter value at the time `offset`.
  public var offsetCount: UInt32 = 0
  /// A mask of the counter's valid bits.
  public var counterMask: UInt32 = .max
  /// The time since boot when the counter was at `offsetCount`.
  public var offset = BinaryTime(seconds: 0)
  /// The date of boot.
  public var bootTime = BinaryTime(seconds: 0)
  /// x86: the number of bits by which the 64-bit cycle counter is shifted down. ARM: not 0 if the counter is the physical one.
  public var machineWord: UInt32 = 0
  /// x86: the N of /dev/hpetN.
  public var hpetIndex: UInt32 = 0

  public init() {}

  /// The time since boot when the counter is at `count`. It is correct until the counter wraps once after `offsetCount`.
  public func uptime(count: UInt32) -> BinaryTime {
    let delta = UInt64((count &- offsetCount) & counterMask)
    // The whole product is needed: older readers lost its upper half after a second or two.
    let passed = scale.multipliedFullWidth(by: delta)
    return offset + BinaryTime(seconds: Int64(truncatingIfNeeded: passed.high), fraction: passed.low)
  }

  /// The date when the counter is at `count`.
  public func date(count: UInt32) -> BinaryTime { uptime(count: count) + bootTime }
}

extension Timehands {
  /// Reads a structure word by word: `word` gives the 32-bit word at an offset in bytes.
  init(_ format: TimekeepFormat, _ word: (Int) -> UInt32) {
    func seconds64(_ offset: Int) -> UInt64 {
      let (first, second) = (UInt64(word(offset)), UInt64(word(offset + 4)))
      return format.byteOrder == .littleEndian ? second << 32 | first : first << 32 | second
    }
    func time(_ offset: Int) -> BinaryTime {
      format.has32BitSeconds
        ? BinaryTime(seconds: Int64(Int32(bitPattern: word(offset))), fraction: seconds64(offset + 4))
        : BinaryTime(seconds: Int64(bitPattern: seconds64(offset)), fraction: seconds64(offset + 8))
    }
    algorithm = TimekeepAlgorithm(rawValue: word(0))
    generation = word(4)
    scale = seconds64(8)
    offsetCount = word(16)
    counterMask = word(20)
    offset = time(format.offsetTime)
    bootTime = time(format.bootTime)
    machineWord = word(format.tail)
    hpetIndex = format.machine == .i386 || format.machine == .x86_64 ? word(format.tail + 4) : 0
  }

  /// Writes a structure word by word, except for the generation. On i386, seconds are truncated to 32 bits, as FreeBSD does.
  func write(_ format: TimekeepFormat, _ store: (UInt32, Int) -> Void) {
    func seconds64(_ value: UInt64, _ offset: Int) {
      let (low, high) = (UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
      store(format.byteOrder == .littleEndian ? low : high, offset)
      store(format.byteOrder == .littleEndian ? high : low, offset + 4)
    }
    func time(_ value: BinaryTime, _ offset: Int) {
      if format.has32BitSeconds {
        store(UInt32(truncatingIfNeeded: value.seconds), offset)
        seconds64(value.fraction, offset + 4)
      } else {
        seconds64(UInt64(bitPattern: value.seconds), offset)
        seconds64(value.fraction, offset + 8)
      }
    }
    store(algorithm.rawValue, 0)
    seconds64(scale, 8)
    store(offsetCount, 16)
    store(counterMask, 20)
    time(offset, format.offsetTime)
    time(bootTime, format.bootTime)
    store(machineWord, format.tail)
    store(hpetIndex, format.tail + 4)
  }
}
