// SPDX-License-Identifier: Apache-2.0

// Loops around one function of a page, for timing.
//
// Assumes: the addresses to which an image's functions resolve are those of functions with Linux's signatures, in pages that stay mapped.
// Results are stored in memory that lives through the loop.

import CLinux
import VDSOResolver

/// Makes the four calls by the functions of an image, or by traps if there is no image.
struct CallBodies {
  private typealias Function = @convention(c) (Int, UnsafeMutableRawPointer?) -> Int
  private typealias PointerFunction = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Int

  private let image: VDSOImage?

  /// Takes an image; nil makes all calls traps.
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

  /// Returns a loop of system calls. A clock call's first argument is the clock's id, and the next is memory for the result.
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
