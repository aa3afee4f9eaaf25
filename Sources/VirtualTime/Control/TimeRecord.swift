// SPDX-License-Identifier: Apache-2.0

/// What the date of a session's programs was, compared with the host's, since the session began.
///
/// Between two changes of the time both dates go on evenly.
public struct TimeRecord: Hashable, Sendable {
  /// A change of the time, in nanoseconds.
  public struct Change: Hashable, Sendable {
    /// When it was: the host's CLOCK_MONOTONIC.
    public var uptime: Int64
    /// The programs' date less the host's, directly before the change and directly after it.
    public var before, after: Int64

    /// A change at `uptime` from one difference to another.
    public init(uptime: Int64, before: Int64, after: Int64) {
      (self.uptime, self.before, self.after) = (uptime, before, after)
    }
  }

  /// The changes that are kept: the first, which is the session's start, and the latest ones.
  package static let mostChanges = 96

  /// In the order of time.
  public internal(set) var changes: [Change]
  /// The number of changes that were dropped: those directly after the first.
  public internal(set) var dropped = 0
  /// The difference at the moment of the request. It isn't a change of the time.
  public internal(set) var present: Change

  /// The record of a session that begins with a change.
  public init(start: Change) {
    changes = [start]
    present = start
  }

  /// Adds a change.
  public mutating func append(_ change: Change) {
    if changes.count == Self.mostChanges {
      changes.remove(at: 1)
      dropped += 1
    }
    changes.append(change)
  }

  /// The same record, asked for at a moment when the difference is `difference`.
  public func at(uptime: Int64, difference: Int64) -> TimeRecord {
    var result = self
    result.present = Change(uptime: uptime, before: difference, after: difference)
    return result
  }
}

// As text, in parts that fit into packets: "record", how many changes there are and how many were dropped, the present as a change, and
// the changes of the part.
extension TimeRecord {
  static let changesInPart = 8

  /// The part that begins with the change at `first`.
  package func part(from first: Int) -> String {
    let part = first < changes.count ? changes[first...].prefix(Self.changesInPart) : []
    return
      (["record", "\(changes.count)", "\(dropped)"]
      + ([present] + part).flatMap { ["\($0.uptime)", "\($0.before)", "\($0.after)"] }).joined(separator: " ")
  }

  /// Reads a part: a record with the changes that are in it, and how many there are; nil for anything else.
  package static func part(_ text: String) -> (record: TimeRecord, count: Int)? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.first == "record" else { return nil }
    var numbers: [Int64] = []
    for word in words.dropFirst() {
      guard let number = Int64(word) else { return nil }
      numbers.append(number)
    }
    guard numbers.count >= 8, (numbers.count - 2) % 3 == 0, let count = Int(exactly: numbers[0]),
      (1...mostChanges).contains(count), let dropped = Int(exactly: numbers[1]), dropped >= 0
    else { return nil }
    let changes = stride(from: 2, to: numbers.count, by: 3).map {
      Change(uptime: numbers[$0], before: numbers[$0 + 1], after: numbers[$0 + 2])
    }
    var record = TimeRecord(start: changes[1])
    record.changes = Array(changes[1...])
    (record.dropped, record.present) = (dropped, changes[0])
    return (record, count)
  }
}
