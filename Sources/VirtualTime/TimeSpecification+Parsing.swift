// SPDX-License-Identifier: Apache-2.0

// The grammar:
//
//     specification = start [flow] | "=" [start] | flow
//     start         = offset | ["@"] date | "@" number
//     offset        = ("+" | "-") span
//     flow          = "x" number | "step" span | "i" number
//
// Dates are those of LocalDate, spans those of TimeSpan; a number after "@" is seconds since the epoch. Dates without "@"
// and steps of "i" seconds are faketime's.

extension TimeSpecification {
  /// Reads `text`. Throws the first error and its position.
  ///
  /// Dates without a zone are local: they need the zone database, through libc, and the environment variable TZ.
  public init(_ text: String) throws(SpecificationError) {
    var scanner = SpecificationScanner(text)
    scanner.skipSpaces()
    let isFrozen = scanner.skip("=")
    scanner.skipSpaces()
    let start = try Origin(&scanner)
    origin = start ?? .present
    scanner.skipSpaces()
    flow = isFrozen ? .frozen : .running
    if !isFrozen {
      let motion = try Flow(&scanner)
      guard start != nil || motion != nil else { throw scanner.error(.start) }
      flow = motion ?? .running
      scanner.skipSpaces()
    }
    guard scanner.next == nil else { throw scanner.error(isFrozen && start == nil ? .start : .rest) }
  }
}

extension TimeSpecification.Origin {
  /// Reads the clock's start; nil if the text has none.
  fileprivate init?(_ scanner: inout SpecificationScanner) throws(SpecificationError) {
    let start = scanner.position
    let date: Int128
    if scanner.skip("+") {
      self = .offset(try TimeSpan.scan(&scanner))
      return
    } else if scanner.skip("-") {
      self = .offset(-(try TimeSpan.scan(&scanner)))
      return
    } else if scanner.skip("@") {
      date = try scanner.isAtYear || scanner.digit == nil ? LocalDate.scan(&scanner) : scanner.billionths()
    } else if scanner.digit != nil {
      date = try LocalDate.scan(&scanner)
    } else {
      return nil
    }
    guard let date = Int64(exactly: date), TimeSpecification.dates.contains(date) else {
      throw scanner.error(.dateOutOfRange, at: start)
    }
    self = .date(date)
  }
}

extension TimeSpecification.Flow {
  /// Reads the clock's rate or step; nil if the text has none.
  fileprivate init?(_ scanner: inout SpecificationScanner) throws(SpecificationError) {
    let isStep = scanner.skipWord("step")
    if isStep || scanner.skip("i") {
      if isStep { scanner.skipSpaces() }
      let start = scanner.position
      let step = try TimeSpan.scan(&scanner)
      guard TimeSpecification.steps.contains(step) else { throw scanner.error(.noStep, at: start) }
      self = .step(nanoseconds: step)
      return
    }
    guard scanner.skip("x") else { return nil }
    let start = scanner.position
    guard let rate = UInt64(exactly: try scanner.billionths()), TimeSpecification.rates.contains(rate) else {
      throw scanner.error(.rateOutOfRange, at: start)
    }
    self = .rate(billionths: rate)
  }
}
