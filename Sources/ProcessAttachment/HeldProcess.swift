// SPDX-License-Identifier: Apache-2.0

import CLinux
import ExecEngine
import ProcessSupport

/// A process that is to be attached to, and may be stopped until then.
public struct HeldProcess {
  public let process: Int32
  /// The threads that this process traces, and has told to stop.
  let threads: StoppedProcess?

  /// With `holds` it stops soon, as far as that is possible, and goes on if this process ends.
  init(_ process: Int32, holds: Bool = false) {
    self.process = process
    let threads = holds ? StoppedProcess(process, suspendsFilters: false) : nil
    self.threads = threads?.hold() == true ? threads : nil
  }

  /// Lets it go on, if it is still stopped.
  func letGo() { threads?.letGo() }
}
