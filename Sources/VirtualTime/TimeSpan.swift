// SPDX-License-Identifier: Apache-2.0

/// Time spans as people write them: numbers with units, as in 2h30m. A number without a unit is seconds.
enum TimeSpan {
  /// Units and their nanoseconds, the longest first. A year has 365 days, as in faketime.
  static let units: [(name: String, nanoseconds: Int64)] = [
    ("y", 365 * day), ("w", 7 * day), ("d", day), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
    ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1),
  ]
  private static let day: Int64 = 86_400_000_000_000
  /// The longest span, 290 years.
  static let longest = 290 * 365 * day

  /// Reads a span, in nanoseconds.
  static func scan(_ scanner: inout SpecificationScanner) throws(SpecificationError) -> Int64 {
    let start = scanner.position
    var total: Int128 = 0
    repeat {
      let number = scanner.position
      let billionths = try scanner.billionths()
      let unitStart = scanner.position
      let name = scanner.letters()
      guard !name.isEmpty || number == start else { throw scanner.error(.unit) }
      guard let unit = units.first(where: { $0.name == (name.isEmpty ? "s" : name) }) else {
        throw scanner.error(.unknownUnit(name), at: unitStart)
      }
      let (product, overflow) = billionths.multipliedReportingOverflow(by: Int128(unit.nanoseconds))
      guard !overflow else { throw scanner.error(.tooLong, at: start) }
      let (nanoseconds, rest) = product.quotientAndRemainder(dividingBy: 1_000_000_000)
      guard rest == 0 else { throw scanner.error(.tooFine, at: number) }
      total += nanoseconds
      guard total <= Int128(longest) else { throw scanner.error(.tooLong, at: start) }
      if name.isEmpty { break }
    } while scanner.digit != nil
    return Int64(total)
  }

  /// The text of `nanoseconds`, which is not negative, in the form that `scan` reads.
  static func text(_ nanoseconds: Int64) -> String {
    var rest = nanoseconds
    var text = ""
    for unit in units where rest >= unit.nanoseconds && unit.name != "y" && unit.name != "w" {
      text += "\(rest / unit.nanoseconds)\(unit.name)"
      rest %= unit.nanoseconds
    }
    return text.isEmpty ? "0s" : text
  }
}
