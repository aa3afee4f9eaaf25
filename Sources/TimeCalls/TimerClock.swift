// SPDX-License-Identifier: Apache-2.0

import ExecEngine
import ProcessSupport

/// The clocks of timers, as /proc shows them.
enum TimerClock {
  /// The clock of a timer's descriptor.
  static func ofDescriptor(_ descriptor: UInt32, thread: Int32) -> Int32? {
    fields(of: "/proc/\(thread)/fdinfo/\(descriptor)").first { $0.name == "clockid" }.flatMap { Int32($0.value) }
  }

  /// The clock of a POSIX timer of the thread's process.
  static func ofTimer(_ timer: UInt32, thread: Int32) -> Int32? {
    let fields = fields(of: "/proc/\(thread)/timers")
    guard let start = fields.firstIndex(where: { $0.name == "ID" && $0.value == "\(timer)" }) else { return nil }
    return fields[start...].first { $0.name == "ClockID" }.flatMap { Int32($0.value) }
  }

  private static func fields(of path: String) -> [(name: String, value: String)] {
    String(decoding: SmallFile.record(path), as: UTF8.self).split(separator: "\n").compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      return (String(line[..<colon]), String(value))
    }
  }
}
