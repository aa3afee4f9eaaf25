// SPDX-License-Identifier: Apache-2.0

/// The error in a time specification that isn't understood, and its position.
public struct SpecificationError: Error, Hashable, Sendable {
  /// The specification.
  public var text: String
  /// The position of the wrong character, counted from 0; the number of characters if something is missing at the end.
  public var position: Int
  public var flaw: SpecificationFlaw

  public init(text: String, position: Int, flaw: SpecificationFlaw) {
    self.text = text
    self.position = position
    self.flaw = flaw
  }
}

/// The rules of time specifications.
@nonexhaustive
public enum SpecificationFlaw: Hashable, Sendable {
  case start
  case number
  case tooManyPlaces
  case unit
  case unknownUnit(String)
  case tooLong
  case tooFine
  case date
  case field(String, ClosedRange<Int64>)
  case noSuchDay(year: Int64, month: Int64, days: Int64)
  case noSuchLocalTime
  case dateOutOfRange
  case rateOutOfRange
  case noStep
  case rest
}

extension SpecificationError: CustomStringConvertible {
  /// Three lines: the reason with an example, the specification, and a caret under the wrong character.
  public var description: String {
    // Each character is replaced by one character, so that the caret stays right. Control characters would do more than show themselves.
    let shown = String(
      text.map { $0.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) ? " " : $0 })
    return "\(flaw)\n  \(shown)\n  \(String(repeating: " ", count: position))^"
  }
}

extension SpecificationFlaw: CustomStringConvertible {
  public var description: String {
    switch self {
    case .start:
      "a time starts with an offset (+3d, -2h30m), a date (@2038-01-19T03:14:00Z), = and a date, x and a rate (x10), or step and a duration (step 1s)"
    case .number: "a number is missing here, as in +2h30m or x0.5"
    case .tooManyPlaces: "a number has at most nine decimal places, as in 0.000000001"
    case .unit: "a unit is missing here: ns, us, ms, s, m, h, d, w or y, as in +2h30m"
    case .unknownUnit(let unit): "there is no unit '\(unit)': use ns, us, ms, s, m, h, d, w or y, as in +2h30m"
    case .tooLong: "this is longer than 290 years, the most that a page can represent, as in +290y"
    case .tooFine: "a time is a whole number of nanoseconds, as in 1.5us"
    case .date: "a date is YYYY-MM-DD, and a time of the day hh:mm:ss after T or a space, as in @2038-01-19T03:14:00Z"
    case .field(let name, let range):
      "\(name == "hour" ? "an" : "a") \(name) is from \(range.lowerBound) to \(range.upperBound), as in @2038-01-19T03:14:00Z"
    case .noSuchDay(let year, let month, let days):
      "month \(month) of \(year) has \(days) days, as in @\(year)-\(twoDigits(month))-\(days)"
    case .noSuchLocalTime:
      "the clocks of the local time zone skip this time: pass another one, or a zone, as in @2038-01-19T03:14:00Z"
    case .dateOutOfRange:
      "a page counts nanoseconds since 1970 in 63 bits: pass a date in the years 1970 to 2261, as in @2038-01-19T03:14:00Z"
    case .rateOutOfRange: "a rate is from 0.000001 to 1000000, as in x10; = and a date stops the clock"
    case .noStep: "a step must be longer than 0, as in step 1s; = and a date stops the clock"
    case .rest: "only a rate or a step may follow here, as in @2038-01-19T03:14:00Z x10"
    }
  }
}
