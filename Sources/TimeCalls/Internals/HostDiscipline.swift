// SPDX-License-Identifier: Apache-2.0

// The discipline of the host's clock.
//
// Only a local variable is passed to C, and lives through the call, which changes nothing.

import CLinux

extension Discipline {
  /// The present discipline of the host's clock. The corresponding C function is `adjtimex`.
  static var host: Discipline {
    var host = linux_discipline()
    var result = Discipline()
    guard unsafe linux_read_discipline(&host) else { return result }
    (result.frequency, result.tick) = (host.frequency, host.tick)
    (result.hostFrequency, result.hostTick) = (host.frequency, host.tick)
    (result.maximumError, result.estimatedError) = (host.maximum_error, host.estimated_error)
    (result.status, result.constant, result.tai) = (host.status, host.constant, Int64(host.tai))
    return result
  }
}
