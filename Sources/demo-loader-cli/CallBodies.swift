// SPDX-License-Identifier: Apache-2.0

// Loops around one function of a page, for timing.
//
// Assumes that the addresses that an image resolves to are those of functions with Linux's signatures, in pages that stay mapped.
// Results go to memory that lives through the loop.

import CLinux
import VDSOResolver

/// Ways to make the four calls: by the functions of an image, and by traps if there is none.
struct CallBodies {
  private typealias Function = @convention(c) (Int, UnsafeMutableRawPointer?) -> Int
  private typealias PointerFunction = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int

  private let image: VDSOImage?

  /// Calls of what `image` serves; traps alone with nil.
  init(_ image: VDSOImage?) {
    self.image = image
  }

  /// Returns a loop that makes `call` the given number of times.
  func body(_ call: String) -> (Int) -> Void {
    let address = UInt(VDSOFunction(name: call).flatMap { image?.resolve($0).address } ?? 0)
    switch call {
    case "clock_gettime": return address == 0 ? Self.trap(linux_nr_clock_gettime, clock: 0) : Self.clock(address)
    case "getpid": return address == 0 ? Self.trap(linux_nr_getpid) : Self.pointer(address)
    default: return address == 0 ? Self.trap(linux_nr_gettimeofday) : Self.pointer(address)
    }
  }

  private static func clock(_ address: UInt) -> (Int) -> Void {
    { count in
      let function = unsafe unsafeBitCast(address, to: Function.self)
      var time = (0, 0)
      for _ in 0..<count { _ = unsafe function(0, &time) }
    }
  }

  private static func pointer(_ address: UInt) -> (Int) -> Void {
    { count in
      let function = unsafe unsafeBitCast(address, to: PointerFunction.self)
      var time = (0, 0)
      for _ in 0..<count { _ = unsafe function(&time, nil) }
    }
  }

  /// Returns a loop of system calls: for those of a clock its id comes first, and memory for a result next.
  static func trap(_ number: Int, clock: Int? = nil) -> (Int) -> Void {
    { count in
      var time = (0, 0)
      for _ in 0..<count {
        _ = unsafe withUnsafeMutablePointer(to: &time) { place in
          let memory = Int(bitPattern: place)
          return linux_syscall(number, clock ?? memory, clock == nil ? 0 : memory, 0, 0, 0, 0)
        }
      }
    }
  }
}
