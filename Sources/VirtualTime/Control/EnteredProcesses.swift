// SPDX-License-Identifier: Apache-2.0

/// How many processes have entered the PID namespace that a session watches, since it began there.
public struct EnteredProcesses: Hashable, Sendable {
  /// How many were attached to, with the children that they had.
  public var attached: UInt64
  /// How many ended before that.
  public var ended: UInt64
  /// How many couldn't be attached to.
  public var refused: UInt64
  /// How many processes ended, anywhere on the machine, before it was seen whether they were in the namespace.
  public var unseen: UInt64
  /// How often reports of the kernel were lost: more processes may have ended before they were attached to.
  public var gaps: UInt64
  /// Whether the namespace is still watched.
  public var isWatched: Bool

  package init(attached: UInt64, ended: UInt64, refused: UInt64, unseen: UInt64, gaps: UInt64, isWatched: Bool) {
    (self.attached, self.ended, self.refused, self.unseen, self.gaps) = (attached, ended, refused, unseen, gaps)
    self.isWatched = isWatched
  }

  /// "entered" and six numbers, the last one 1 if the namespace is watched.
  init?(words: some Collection<Substring>) {
    let numbers = words.dropFirst().compactMap { UInt64($0) }
    guard words.first == "entered", words.count == 7, numbers.count == 6, numbers[5] <= 1 else { return nil }
    self.init(
      attached: numbers[0], ended: numbers[1], refused: numbers[2], unseen: numbers[3], gaps: numbers[4],
      isWatched: numbers[5] == 1)
  }

  var answer: String { "entered \(attached) \(ended) \(refused) \(unseen) \(gaps) \(isWatched ? 1 : 0)" }
}
