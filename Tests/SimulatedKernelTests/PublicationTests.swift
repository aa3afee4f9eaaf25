// SPDX-License-Identifier: Apache-2.0

import CVDSO
import SimulatedKernel
import Testing

@Suite("Publication of a state")
struct PublicationTests {
  @Test("discards a state that is published too late, and publishes one in time")
  func lateness() throws {
    let file = try TimePageFile()
    var old = vdso_time_data_t()
    old.error_nanoseconds = 1
    file.page.publish(old)
    var new = vdso_time_data_t()
    new.error_nanoseconds = 2
    var seenMeanwhile: UInt32 = 0
    let late = file.page.publish(new) {
      seenMeanwhile = file.page.published.error_nanoseconds
      return false
    }
    #expect(!late && seenMeanwhile == 1 && file.page.published.error_nanoseconds == 1)
    let timely = file.page.publish(new) { true }
    #expect(timely && file.page.published.error_nanoseconds == 2)
    let again = file.page.publish(old) { false }
    #expect(!again && file.page.published.error_nanoseconds == 2)
  }
}
