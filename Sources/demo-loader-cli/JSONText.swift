// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// JSON for programs. Keys are sorted, so that equal values give equal text.
enum JSONText {
  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
