// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// JSON for programs to read: keys sorted, so that equal things print equally.
enum JSONText {
  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
