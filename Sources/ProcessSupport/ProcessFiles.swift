// SPDX-License-Identifier: Apache-2.0

/// The properties of a process that /proc shows.
package enum ProcessFiles {
  /// The name of its program, of at most 15 bytes, as /proc/PID/comm has it; nil if the process is gone.
  package static func programName(of process: Int32) -> String? {
    let line = SmallFile.record("/proc/\(process)/comm")
    guard line.count > 1, line.last == 0x0a else { return nil }
    return String(decoding: line.dropLast(), as: UTF8.self)
  }

  /// Its state as one letter, T if it is stopped; nil if it is gone.
  package static func state(of process: Int32) -> UInt8? { fields(of: process).first?.first }

  /// Whether it has ended, whether or not its parent has waited for it.
  package static func hasEnded(_ process: Int32) -> Bool {
    let state = state(of: process)
    return state == nil || state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
  }

  /// When it started, in ticks since the machine did; nil if it is gone.
  package static func start(of process: Int32) -> UInt64? {
    let fields = fields(of: process)
    return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
  }

  /// The fields of its /proc/PID/stat from the state on; empty if it is gone.
  private static func fields(of process: Int32) -> [ArraySlice<UInt8>] {
    let stat = SmallFile.record("/proc/\(process)/stat")
    // The name may contain blanks and parentheses. The state follows the last parenthesis.
    guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return [] }
    return stat[(end + 1)...].split(separator: UInt8(ascii: " "))
  }
}
