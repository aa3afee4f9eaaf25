// SPDX-License-Identifier: Apache-2.0

// The mappings of a process.
//
// Assumes: the buffer handed to the kernel is of the size stated.

import CLinux

/// The text of /proc/PID/maps.
enum ProcessMappings {
  static func text(of process: Int32) throws(ControlError) -> String {
    let file = unsafe "/proc/\(process)/maps".withCString { unsafe linux_open_for_reading($0) }
    guard file >= 0 else {
      throw refusal(process, errno: -file)
    }
    defer { linux_close(file) }
    var bytes: [UInt8] = []
    while true {
      var count: Int64 = 0
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, initialized in
        count = unsafe linux_read_at(file, buffer.baseAddress, 65_536, Int64(bytes.count))
        initialized = Int(max(0, count))
      }
      guard count >= 0 else { throw ControlError("read the mappings of process \(process)", errno: Int32(-count)) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk
    }
  }

  private static func refusal(_ process: Int32, errno: Int32) -> ControlError {
    switch errno {
    case 2 /* ENOENT */: ControlError("there is no process \(process): pass the process id of a running program")
    case 13 /* EACCES */:
      ControlError("the mappings of process \(process) may not be read: run demo-loader as the user of that process")
    default: ControlError("read the mappings of process \(process)", errno: errno)
    }
  }
}
