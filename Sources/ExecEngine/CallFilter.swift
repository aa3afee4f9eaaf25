// SPDX-License-Identifier: Apache-2.0

/// The filter that makes tasks wait in intercepted calls: a classic BPF program for seccomp.
///
/// Calls that are decided by their number alone cost next to nothing: since Linux 5.11 the kernel remembers the numbers that are allowed
/// whatever their arguments are. Calls that are decided by an argument run the filter each time.
struct CallFilter: Hashable {
  /// The instructions, 8 bytes each. The corresponding C structure is `sock_filter`.
  let instructions: [UInt64]

  init(_ calls: [InterceptedCall]) {
    var decisions = CallDecisions()
    var abis: [SyscallABI] = []
    for call in calls where !abis.contains(call.abi) { abis.append(call.abi) }
    var decision = CallDecisions.Decision.allow
    for abi in abis.reversed() {
      let part = Self.decision(about: calls.filter { $0.abi == abi }, &decisions)
      decision = decisions.test(.abi, abi.rawValue, yes: part, no: decision)
    }
    instructions = decisions.instructions(decision)
  }

  /// Decides about calls of one ABI.
  private static func decision(
    about calls: [InterceptedCall], _ decisions: inout CallDecisions
  ) -> CallDecisions.Decision {
    var groups: [[InterceptedCall]] = []
    for call in calls.sorted(by: { $0.number < $1.number }) {
      if groups.last?[0].number == call.number {
        groups[groups.count - 1].append(call)
      } else {
        groups.append([call])
      }
    }
    let frequent = groups.filter { $0[0].isFrequent }
    groups.removeAll { $0[0].isFrequent }
    return list(frequent[...], otherwise: search(groups[...], &decisions), &decisions)
  }

  /// Finds the number by binary search, because the kernel runs the filter for every possible number when it is installed.
  private static func search(
    _ groups: ArraySlice<[InterceptedCall]>, _ decisions: inout CallDecisions
  ) -> CallDecisions.Decision {
    guard groups.count > 3 else { return list(groups, otherwise: .allow, &decisions) }
    let middle = groups.startIndex + groups.count / 2
    let lower = search(groups[..<middle], &decisions)
    let upper = search(groups[middle...], &decisions)
    return decisions.test(.number, groups[middle][0].number, by: .isAtLeast, yes: upper, no: lower)
  }

  /// Finds the number by trying one group after the other.
  private static func list(
    _ groups: ArraySlice<[InterceptedCall]>, otherwise: CallDecisions.Decision, _ decisions: inout CallDecisions
  ) -> CallDecisions.Decision {
    var result = otherwise
    for group in groups.reversed() {
      result = decisions.test(.number, group[0].number, yes: decision(aboutGroup: group, &decisions), no: result)
    }
    return result
  }

  /// Decides about calls of one number.
  private static func decision(
    aboutGroup group: [InterceptedCall], _ decisions: inout CallDecisions
  ) -> CallDecisions.Decision {
    if group.contains(where: { $0.isUnconditional }) { return .wait }
    // If all of them test the same pointer, it is tested once, and first: it is null in the most frequent calls.
    let pointer = group.allSatisfy { $0.pointer == group[0].pointer } ? group[0].pointer : nil
    var result = CallDecisions.Decision.allow
    for call in group.reversed() {
      var holds = CallDecisions.Decision.wait
      for condition in call.conditions.reversed() {
        let word = CallDecisions.Word.lowHalf(ofArgument: condition.argument, mask: condition.mask)
        holds = decisions.test(word, condition.value, yes: holds, no: result)
      }
      if pointer == nil, let pointer = call.pointer {
        holds = isNull(pointer, yes: result, no: holds, &decisions)
      }
      result = holds
    }
    return pointer.map { isNull($0, yes: .allow, no: result, &decisions) } ?? result
  }

  private static func isNull(
    _ pointer: Int, yes: CallDecisions.Decision, no: CallDecisions.Decision, _ decisions: inout CallDecisions
  ) -> CallDecisions.Decision {
    let high = decisions.test(.highHalf(ofArgument: pointer), 0, yes: yes, no: no)
    return decisions.test(.lowHalf(ofArgument: pointer), 0, yes: high, no: no)
  }
}

extension InterceptedCall {
  private static let futexes = [
    InterceptedCall(.x86_64, 202), InterceptedCall(.i386, 240), InterceptedCall(.i386, 422),
    InterceptedCall(.aarch64, 98), InterceptedCall(.riscv64, 98),
  ]

  /// Whether the filter tests for the number first: programs make many such calls, and most of them are allowed.
  fileprivate var isFrequent: Bool { Self.futexes.contains { $0.abi == abi && $0.number == number } }

  /// Whether every call of the number is intercepted.
  fileprivate var isUnconditional: Bool { conditions.isEmpty && pointer == nil }
}
