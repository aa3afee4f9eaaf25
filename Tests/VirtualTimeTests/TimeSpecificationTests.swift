// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing
import VirtualTime

@Suite("Time specifications")
struct TimeSpecificationTests {
  /// A specification, and the canonical form of its meaning.
  static let forms: [(written: String, meaning: String)] = [
    ("+3d", "+3d"),
    ("-2h30m", "-2h30m"),
    ("+1.5h", "+1h30m"),
    ("+90", "+1m30s"),
    ("+1w1d", "+8d"),
    ("+0.000000001", "+1ns"),
    // faketime's years and its relative forms
    ("-1y", "-365d"),
    ("+1d x2", "+1d x2"),
    ("@2038-01-19T03:14:00Z", "@2038-01-19T03:14:00Z"),
    ("@2038-01-19 03:14:00+01:00", "@2038-01-19T02:14:00Z"),
    ("@2038-01-19T03:14-0530", "@2038-01-19T08:44:00Z"),
    ("@2038-01-19T03:14:00.250Z", "@2038-01-19T03:14:00.25Z"),
    ("@2038-1-9 3:4:05Z", "@2038-01-09T03:04:05Z"),
    ("2024-6-1 UTC", "@2024-06-01T00:00:00Z"),
    ("@2030-06-01 12:00:00 UTC", "@2030-06-01T12:00:00Z"),
    ("2030-06-01 12:00:00 +0600", "@2030-06-01T06:00:00Z"),
    ("@2030-06-01 12:00:00 -05:30 x2", "@2030-06-01T17:30:00Z x2"),
    ("@2030-06-01T12:00GMT", "@2030-06-01T12:00:00Z"),
    ("@2016-12-31T23:59:60Z", "@2017-01-01T00:00:00Z"),
    ("+2,5y x10,0", "+912d12h x10"),
    ("@2038-01-19T03:14:00,250Z", "@2038-01-19T03:14:00.25Z"),
    ("@86400", "@1970-01-02T00:00:00Z"),
    ("@86400.5", "@1970-01-02T00:00:00.5Z"),
    ("=2000-02-29T12:00:00Z", "=2000-02-29T12:00:00Z"),
    ("=@951825600", "=2000-02-29T12:00:00Z"),
    ("=+3d", "=+3d"),
    ("=", "="),
    ("x10", "x10"),
    ("x0.5", "x0.5"),
    ("x1", "x1"),
    ("@2038-01-19T03:14:00Z x10", "@2038-01-19T03:14:00Z x10"),
    ("@2038-01-19T03:14:00Z x1", "@2038-01-19T03:14:00Z"),
  ]

  @Test("parses a time specification to the same meaning as its canonical form", arguments: forms)
  func meaning(form: (written: String, meaning: String)) throws {
    #expect(try TimeSpecification(form.written).description == form.meaning)
  }

  /// A wrong specification, the position of the caret, and a word of the reason.
  static let flaws: [(written: String, position: Int, reason: String)] = [
    ("", 0, "starts with"),
    ("tomorrow", 0, "starts with"),
    ("+", 1, "number is missing"),
    ("+3q", 2, "no unit 'q'"),
    ("+2h30", 5, "unit is missing"),
    ("+2h x", 5, "number is missing"),
    ("+0.0000000001", 12, "nine decimal places"),
    ("+1.5ns", 1, "whole number of nanoseconds"),
    ("-300y", 1, "290 years"),
    ("+999999999999999999y", 1, "290 years"),
    ("+1d nonsense", 4, "may follow here"),
    ("@", 1, "YYYY-MM-DD"),
    ("@203-01-01", 1, "YYYY-MM-DD"),
    ("@2038/01/19", 5, "may follow here"),
    ("2038", 4, "YYYY-MM-DD"),
    ("@2038-13-19", 6, "month is from 1 to 12"),
    ("@2038-0-19", 6, "month is from 1 to 12"),
    ("@2038-01-19T03:14:00 PST", 21, "may follow here"),
    ("@2023-02-29", 9, "month 2 of 2023 has 28 days"),
    ("@1900-02-29", 9, "month 2 of 1900 has 28 days"),
    ("@2038-01-19T24:00:00Z", 12, "hour is from 0 to 23"),
    ("@2038-01-19T23:60:00Z", 15, "minute is from 0 to 59"),
    ("@2038-01-19T23:59:61Z", 18, "second is from 0 to 60"),
    ("@2038-01-19T03:14:00Q", 20, "may follow here"),
    ("@2038-01-19T03:14:00+16:00", 21, "zone's hour is from 0 to 15"),
    ("@1969-12-31T23:59:59Z", 0, "1970 to 2261"),
    ("=2262-01-01T00:00:00Z", 1, "1970 to 2261"),
    ("@99999999999999", 0, "1970 to 2261"),
    ("x0", 1, "rate is from"),
    ("x1000001", 1, "rate is from"),
    ("x-1", 1, "number is missing"),
    ("=2000-02-29T12:00:00Z x10", 22, "may follow here"),
    ("+٣d", 1, "number is missing"),
  ]

  @Test("rejects a time specification with the reason and a caret under the wrong character", arguments: flaws)
  func refusal(flaw: (written: String, position: Int, reason: String)) throws {
    let error = try #require(throws: SpecificationError.self) { try TimeSpecification(flaw.written) }
    #expect(error.position == flaw.position, "\(error)")
    let lines = error.description.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 3)
    #expect(lines[0].contains(flaw.reason), "\(error)")
    #expect(lines[0].contains("as in") || lines[0].contains("(+3d"), "an example: \(error)")
    #expect(lines[2] == String(repeating: " ", count: flaw.position + 2) + "^")
  }

  @Test("parses every time specification that it prints")
  func roundTrip() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let origin: TimeSpecification.Origin =
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .present
        case 1: .offset(.random(in: -9_000_000_000_000_000_000...9_000_000_000_000_000_000, using: &random))
        default: .date(.random(in: TimeSpecification.dates, using: &random))
        }
      let flow: TimeSpecification.Flow =
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .running
        case 1: .rate(billionths: .random(in: TimeSpecification.rates, using: &random))
        default: .frozen
        }
      let specification = TimeSpecification(origin: origin, flow: flow)
      let text = specification.description
      #expect(try TimeSpecification(text) == specification, "seed \(seed): \(text)")
    }
  }

  @Test("never crashes on a damaged time specification, and points into it")
  func damage() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("+-@=x.:0123456789TZdhms \u{301}é")
    for _ in 0..<5000 {
      var text = Array(Self.forms.randomElement(using: &random)!.written)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0...text.count, using: &random)
        if Bool.random(using: &random), place < text.count { text.remove(at: place) }
        text.insert(alphabet.randomElement(using: &random)!, at: min(place, text.count))
      }
      do {
        _ = try TimeSpecification(String(text))
      } catch {
        #expect((0...String(text).count).contains(error.position), "seed \(seed): \(String(text))")
      }
    }
  }

  @Test(
    "agrees with date(1) about dates in UTC and in zones", arguments: ["UTC", "Europe/Berlin", "America/St_Johns"])
  func oracle(zone: String) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let dates = (0..<50).map { _ in Int64.random(in: 0...9_000_000_000, using: &random) }
    let list = dates.map { "@\($0)" }.joined(separator: "\n")
    let told = try Command.run(
      ["sh", "-c", "echo '\(list)' | date --file=- +%Y-%m-%dT%H:%M:%S%:z"], environment: ["TZ": zone])
    #expect(told.status == 0)
    for (date, line) in zip(dates, told.output.split(separator: "\n")) {
      let specification = try TimeSpecification("@\(line)")
      #expect(specification.origin == .date(date * 1_000_000_000), "seed \(seed): \(line)")
    }
  }
}
