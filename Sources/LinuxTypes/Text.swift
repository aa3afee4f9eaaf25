// SPDX-License-Identifier: Apache-2.0

extension String {
  /// This text with characters that move a terminal's cursor, end a line or change the direction of writing replaced by `\u{...}`. It makes
  /// names from files safe to print.
  package var escapingControls: String {
    var text = ""
    for scalar in unicodeScalars {
      switch scalar.value {
      case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069:
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

/// `value` as C writes a hexadecimal number, with at least `digits` digits.
package func hexadecimal(_ value: some FixedWidthInteger, digits: Int = 1) -> String {
  let text = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
