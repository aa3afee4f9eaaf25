// SPDX-License-Identifier: Apache-2.0

import ELF
import Testing

@Suite("Machine")
struct MachineTests {
  @Test("keeps a machine number that has no name")
  func unknownNumber() {
    #expect(Machine(rawValue: 999).description == "machine 999")
  }
}
