// SPDX-License-Identifier: Apache-2.0

import VDSOResolver

/// Prints the time, and which way each call goes and why.
@main
enum ClockReport {
  static func main() throws {
    let vdso = VDSO.current()
    let now = try vdso.clockGettime(.realtime)
    print("\(now.seconds) seconds and \(now.nanoseconds) nanoseconds since 1970, process \(vdso.getpid())")
    for function in VDSOFunction.allCases {
      print("\(function.name): \(vdso.resolution(of: function))")
    }
  }
}
