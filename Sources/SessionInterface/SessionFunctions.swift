// SPDX-License-Identifier: Apache-2.0

// The C interface to the time of running sessions. vdso_session.h describes each function.
//
// Assumes that pointers from C are null or valid for their type, as the header requires: strings end with a null, and `reason` has space
// for `size` bytes.

import CVDSOSession
import Glibc
import VirtualTime

@c @implementation
public func vdso_session_date(
  _ session: UnsafePointer<CChar>!, _ nanoseconds: UnsafeMutablePointer<Int64>!, _ reason: UnsafeMutablePointer<CChar>!,
  _ size: Int
) -> Int32 {
  unsafe attempt(reason, size) { () throws(ControlError) in
    let date = try TimeSession(named: unsafe bytes(session)).state().date
    unsafe nanoseconds?.pointee = date
  }
}

@c @implementation
public func vdso_session_set(
  _ session: UnsafePointer<CChar>!, _ specification: UnsafePointer<CChar>!, _ clocks: Int32,
  _ reason: UnsafeMutablePointer<CChar>!, _ size: Int
) -> Int32 {
  unsafe attempt(reason, size) { () throws(ControlError) in
    let scope: VirtualClock.Scope?
    switch clocks {
    case VDSO_SESSION_SAME: scope = nil
    case VDSO_SESSION_REALTIME: scope = .realtime
    case VDSO_SESSION_ALL: scope = .all
    default: throw ControlError("there are no clocks \(clocks): pass VDSO_SESSION_SAME, _REALTIME or _ALL")
    }
    let time: TimeSpecification
    do throws(SpecificationError) {
      time = try TimeSpecification(unsafe text(specification))
    } catch {
      throw ControlError(error.description)
    }
    try TimeSession(named: unsafe bytes(session)).set(time, scope: scope)
  }
}

private func bytes(_ string: UnsafePointer<CChar>?) -> [UInt8] {
  guard let string = unsafe string else { return [] }
  return unsafe UnsafeRawBufferPointer(start: string, count: strlen(string)).map { $0 }
}

func text(_ string: UnsafePointer<CChar>?) -> String {
  guard let string = unsafe string else { return "" }
  return unsafe String(cString: string)
}

/// Does `work`. If it fails, stores the reason, cut to as much valid UTF-8 as fits.
func attempt(_ reason: UnsafeMutablePointer<CChar>?, _ size: Int, _ work: () throws(ControlError) -> Void) -> Int32 {
  do throws(ControlError) {
    try work()
    return 0
  } catch {
    guard let reason = unsafe reason, size > 0 else { return -1 }
    let line = error.description.prefix { $0 != "\n" }
    var count = 0
    for character in line {
      let bytes = Array(character.utf8)
      guard count + bytes.count < size else { break }
      for byte in bytes {
        unsafe reason[count] = CChar(bitPattern: byte)
        count += 1
      }
    }
    unsafe reason[count] = 0
    return -1
  }
}
