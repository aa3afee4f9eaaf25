// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The result of a system call, made again as often as a signal interrupts it.
package func retrying(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    guard result == -1, errno == EINTR else { return result }
  }
}
