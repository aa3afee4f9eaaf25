// SPDX-License-Identifier: Apache-2.0

extension TimeSpecification: CustomStringConvertible {
  /// The specification in the form that `init(_:)` reads, with dates in Greenwich, so that it means the same everywhere.
  public var description: String {
    let start = origin.description
    switch flow {
    case .frozen: return "=" + start.drop { $0 == "@" }
    case .rate(1_000_000_000) where !start.isEmpty: return start
    case .step(let nanoseconds): return (start.isEmpty ? "" : start + " ") + "step " + TimeSpan.text(nanoseconds)
    case .rate(let billionths): return (start.isEmpty ? "x" : start + " x") + decimal(billionths)
    }
  }
}

extension TimeSpecification.Origin: CustomStringConvertible {
  public var description: String {
    switch self {
    case .present: ""
    case .offset(let nanoseconds): (nanoseconds < 0 ? "-" : "+") + TimeSpan.text(abs(nanoseconds))
    case .date(let nanoseconds): "@" + dateText(nanoseconds)
    }
  }
}

/// The date `nanoseconds` after the epoch, in ISO 8601, in Greenwich.
public func dateText(_ nanoseconds: Int64) -> String {
  let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
  return CivilTime(secondsSinceEpoch: seconds).text + fractionText(rest) + "Z"
}

/// `billionths` as a decimal number.
private func decimal(_ billionths: UInt64) -> String {
  let (whole, rest) = billionths.quotientAndRemainder(dividingBy: 1_000_000_000)
  return "\(whole)" + fractionText(Int64(rest))
}

/// A point and the digits that `billionths` need; nothing for 0.
private func fractionText(_ billionths: Int64) -> String {
  guard billionths != 0 else { return "" }
  var digits = Substring(String(1_000_000_000 + billionths).dropFirst())
  while digits.last == "0" { digits.removeLast() }
  return "." + digits
}
