// SPDX-License-Identifier: Apache-2.0

/// A cursor over the characters of a specification.
struct SpecificationScanner {
  let text: String
  private let characters: [Character]
  private(set) var position = 0

  init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  /// The character at the cursor; nil at the end.
  var next: Character? { position < characters.count ? characters[position] : nil }

  /// Whether a year comes next: digits and a dash.
  var isAtYear: Bool { characters[position...].drop { $0.isASCII && $0.isNumber }.first == "-" }

  /// Whether a space and then a digit come next.
  var isBeforeTime: Bool { next == " " && position + 1 < characters.count && characters[position + 1].isNumber }

  /// The digit at the cursor.
  var digit: Int? { next.flatMap { $0.isASCII ? $0.wholeNumberValue : nil } }

  /// Skips `character` if it comes next, and returns whether it did.
  mutating func skip(_ character: Character) -> Bool {
    guard next == character else { return false }
    position += 1
    return true
  }

  /// Skips `word` if it comes next, and returns whether it did.
  mutating func skipWord(_ word: String) -> Bool {
    guard characters[position...].starts(with: word) else { return false }
    position += word.count
    return true
  }

  /// Skips a decimal point or comma, and returns whether there was one.
  mutating func skipPoint() -> Bool { skip(".") || skip(",") }

  /// Skips a space that is followed by a zone: one of `words`, or a sign and a digit.
  mutating func skipSpace(before words: [String]) {
    guard next == " " else { return }
    let rest = characters[(position + 1)...]
    let sign = rest.first.map { "+-".contains($0) } ?? false
    let isOffset = sign && rest.dropFirst().first.map { $0.isASCII && $0.isNumber } ?? false
    if isOffset || words.contains(where: { rest.starts(with: $0) }) { position += 1 }
  }

  mutating func skipSpaces() {
    while skip(" ") {}
  }

  /// Reads letters up to the first other character.
  mutating func letters() -> String {
    let start = position
    while let next, next.isASCII && next.isLetter { position += 1 }
    return String(characters[start..<position])
  }

  /// Reads one or more digits, at most `limit`.
  mutating func digits(
    atMost limit: Int, flaw: SpecificationFlaw
  ) throws(SpecificationError) -> (value: Int64, count: Int) {
    let start = position
    var value: Int64 = 0
    while let digit, position - start < limit {
      value = value * 10 + Int64(digit)
      position += 1
    }
    guard position > start else { throw error(flaw) }
    return (value, position - start)
  }

  /// Reads a decimal number of at most nine places, in billionths.
  mutating func billionths() throws(SpecificationError) -> Int128 {
    let whole = try digits(atMost: 18, flaw: .number).value
    guard skipPoint() else { return Int128(whole) * 1_000_000_000 }
    return try Int128(whole) * 1_000_000_000 + Int128(fraction())
  }

  /// Reads the digits after a decimal point, in billionths.
  mutating func fraction() throws(SpecificationError) -> Int64 {
    let (value, count) = try digits(atMost: 9, flaw: .number)
    guard digit == nil else { throw error(.tooManyPlaces) }
    return (count..<9).reduce(value) { value, _ in value * 10 }
  }

  /// The error at the cursor, or at `position`.
  func error(_ flaw: SpecificationFlaw, at position: Int? = nil) -> SpecificationError {
    SpecificationError(text: text, position: position ?? self.position, flaw: flaw)
  }
}
