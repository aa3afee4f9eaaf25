// SPDX-License-Identifier: Apache-2.0

import VirtualTime

/// Times in the words that date(1) understands: "last friday 5 pm", "next week", "19 Jan 2038 03:14".
enum DateWords {
  /// The meaning of `text`: as a specification, or else with its date in words, if date(1) is installed and understands them.
  ///
  /// If neither is possible, throws the error in the specification.
  static func specification(_ text: String) throws -> TimeSpecification {
    do {
      return try TimeSpecification(text)
    } catch {
      guard let specification = inWords(text) else { throw error }
      return specification
    }
  }

  private static func inWords(_ text: String) -> TimeSpecification? {
    var words = String(text.drop { $0 == " " })
    let isFrozen = words.hasPrefix("=")
    if isFrozen { words.removeFirst() }
    if words.hasPrefix("@") { words.removeFirst() }
    var flow = isFrozen ? TimeSpecification.Flow.frozen : .running
    if !isFrozen, let start = startOfFlow(words), let motion = try? TimeSpecification(String(words[start...])).flow {
      flow = motion
      words = String(words[..<start])
    }
    // date(1) takes a single letter for a time zone, and a number alone for an hour of today.
    guard words.split(whereSeparator: { !$0.isLetter }).contains(where: { $0.count >= 3 }) || words.contains("/") else {
      return nil
    }
    guard let nanoseconds = nanoseconds(words), TimeSpecification.dates.contains(nanoseconds) else {
      return nil
    }
    return TimeSpecification(origin: .date(nanoseconds), flow: flow)
  }

  /// The output of `date --date=WORDS` in nanoseconds since the epoch; nil if date doesn't understand the words, or isn't installed.
  private static func nanoseconds(_ words: String) -> Int64? {
    let parts = ChildProgram.output(of: ["date", "--date=\(words)", "+%s %N"])?.split { $0 == " " || $0 == "\n" }
    guard let parts, parts.count == 2, let seconds = Int64(parts[0]), let rest = Int64(parts[1]) else { return nil }
    return Int64(clamping: Int128(seconds) * 1_000_000_000 + Int128(rest))
  }

  /// The index of a rate or step behind a date.
  private static func startOfFlow(_ text: String) -> String.Index? {
    for (index, word) in text.split(separator: " ").enumerated() where index > 0 {
      let isNumber = word.dropFirst().first?.isNumber ?? false
      if word == "step" || ((word.first == "x" || word.first == "i") && isNumber) { return word.startIndex }
    }
    return nil
  }
}
