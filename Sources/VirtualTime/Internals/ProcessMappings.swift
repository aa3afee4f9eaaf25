// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// The text of /proc/PID/maps.
enum ProcessMappings {
  static func text(of process: Int32) throws(ControlError) -> String {
    do throws(SystemError) {
      return String(decoding: try SmallFile.contents(of: "/proc/\(process)/maps"), as: UTF8.self)
    } catch {
      throw refusal(process, errno: error.errno)
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
