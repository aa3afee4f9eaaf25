// SPDX-License-Identifier: Apache-2.0

import Testing
import VirtualTime

@Suite("Records in shared memory")
struct SharedRecordTests {
  @Test("keep their values beside each other, also where they need more than one area")
  func values() {
    let records = (0..<1000).map { SharedRecord((number: $0, square: $0 * $0)) }
    for (index, record) in records.enumerated() where index % 3 == 0 { record.value = (-index, index) }
    for (index, record) in records.enumerated() {
      let expected = index % 3 == 0 ? (-index, index) : (index, index * index)
      #expect(record.value == expected)
    }
  }
}
