// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// The text of /proc/PID/maps.
enum ProcessMappings {
  static func text(of process: Int32) throws(ControlError) -> String {
    do throws(SystemError) {
      return String(decoding: try SmallFile.contents(of: "/proc/\(process)/maps"), as: UTF8.self)
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory:
        throw ControlError("there is no process \(process): pass the process id of a running program")
      case .permissionDenied:
        throw ControlError(
          "the mappings of process \(process) may not be read: run demo-loader as the user of that process")
      default: throw ControlError(error)
      }
    }
  }
}
