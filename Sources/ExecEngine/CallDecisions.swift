// SPDX-License-Identifier: Apache-2.0

/// A filter's decisions about a system call: a graph of tests of `seccomp_data`, which becomes a socket filter program.
///
/// Equal parts are shared, and so are the ends of all paths: when a filter is installed, the kernel translates it and runs it for every
/// possible number, which takes longer for a longer filter.
struct CallDecisions {
  /// One of the two ends, or the index of a test in `tests`.
  struct Decision: Hashable {
    fileprivate let index: Int

    static let allow = Decision(index: 0)
    static let wait = Decision(index: 1)
  }

  /// Four bytes of `seccomp_data`, at an offset, masked. Arguments are little-endian, as all supported architectures are.
  struct Word: Hashable {
    var offset: UInt32
    var mask = UInt32.max

    static let number = Word(offset: 0)
    static let abi = Word(offset: 4)

    static func lowHalf(ofArgument index: Int, mask: UInt32 = .max) -> Word {
      Word(offset: UInt32(16 + 8 * index), mask: mask)
    }

    static func highHalf(ofArgument index: Int) -> Word { Word(offset: UInt32(20 + 8 * index)) }
  }

  enum Comparison: UInt16 {
    /// BPF_JMP | BPF_JEQ | BPF_K.
    case isEqual = 0x15
    /// BPF_JMP | BPF_JGE | BPF_K.
    case isAtLeast = 0x35
  }

  private struct Test: Hashable {
    let word: Word
    let comparison: Comparison
    let value: UInt32
    let yes: Decision
    let no: Decision
  }

  private var tests: [Test] = []

  /// Decides as `yes` if the comparison of the word with `value` holds, else as `no`.
  mutating func test(
    _ word: Word, _ value: UInt32, by comparison: Comparison = .isEqual, yes: Decision, no: Decision
  ) -> Decision {
    if yes == no { return yes }
    let test = Test(word: word, comparison: comparison, value: value, yes: yes, no: no)
    // Tests of numbers are the most frequent ones, and hardly ever equal, so they aren't compared.
    if word != .number, let known = tests.firstIndex(of: test) { return Decision(index: known + 2) }
    tests.append(test)
    return Decision(index: tests.count + 1)
  }

  /// The instructions that make `decision`, 8 bytes each. The corresponding C structure is `sock_filter`.
  func instructions(_ decision: Decision) -> [UInt64] {
    var assembler = Assembler(tests)
    _ = assembler.emit(decision, loaded: nil)
    return assembler.backwards.reversed()
  }

  /// Writes a program from its end to its start, because jumps go forward.
  private struct Assembler {
    // BPF_LD | BPF_W | BPF_ABS, BPF_ALU | BPF_AND | BPF_K, BPF_JMP | BPF_JA, BPF_RET | BPF_K.
    private static let (load, and, jump, end): (UInt16, UInt16, UInt16, UInt16) = (0x20, 0x54, 0x05, 0x06)
    // SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF.
    private static let results: [UInt32] = [0x7fff_0000, 0x7fc0_0000]

    private let tests: [Test]
    private(set) var backwards: [UInt64] = []
    /// The number of instructions from each decision to the end, 0 before it is written. The first number is for a place where its word
    /// must still be loaded, the second for one where it is loaded.
    private var places: [[Int]]

    init(_ tests: [Test]) {
      self.tests = tests
      places = [[Int](repeating: 0, count: tests.count + 2), [Int](repeating: 0, count: tests.count + 2)]
    }

    /// Writes a decision, unless it is written already, for a place where `word` is loaded.
    mutating func emit(_ decision: Decision, loaded word: Word?) -> (index: Int, entry: Int) {
      guard decision.index > 1 else {
        if places[0][decision.index] == 0 {
          append(Self.end, Self.results[decision.index])
          places[0][decision.index] = backwards.count
        }
        return (decision.index, 0)
      }
      let test = tests[decision.index - 2]
      let entry = word == test.word ? 1 : 0
      guard places[entry][decision.index] == 0 else { return (decision.index, entry) }
      let no = emit(test.no, loaded: test.word)
      let yes = emit(test.yes, loaded: test.word)
      // The second jump may push the first target out of reach.
      bringNear(no)
      bringNear(yes)
      bringNear(no)
      let (ifEqual, unlessEqual) = (distance(to: yes), distance(to: no))
      append(test.comparison.rawValue, test.value, UInt8(ifEqual), UInt8(unlessEqual))
      places[1][decision.index] = backwards.count
      if entry == 0 {
        if test.word.mask != .max { append(Self.and, test.word.mask) }
        append(Self.load, test.word.offset)
        places[0][decision.index] = backwards.count
      }
      return (decision.index, entry)
    }

    private func distance(to target: (index: Int, entry: Int)) -> Int {
      backwards.count - places[target.entry][target.index]
    }

    /// A conditional jump passes over at most 255 instructions. A target that is further away gets an unconditional jump in between, which
    /// later conditional jumps use too.
    private mutating func bringNear(_ target: (index: Int, entry: Int)) {
      guard distance(to: target) > 255 else { return }
      append(Self.jump, UInt32(distance(to: target)))
      places[target.entry][target.index] = backwards.count
    }

    private mutating func append(_ code: UInt16, _ operand: UInt32, _ ifEqual: UInt8 = 0, _ unlessEqual: UInt8 = 0) {
      backwards.append(
        UInt64(code) | UInt64(ifEqual) << 16 | UInt64(unlessEqual) << 24 | UInt64(operand) << 32)
    }
  }
}
