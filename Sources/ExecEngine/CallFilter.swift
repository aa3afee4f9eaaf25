// SPDX-License-Identifier: Apache-2.0

/// The filter that makes tasks wait in intercepted calls: a program of a socket filter, as seccomp has it.
///
/// Calls that no argument decides about cost next to nothing: since Linux 5.11 the kernel remembers which numbers are let
/// through whatever their arguments. Those that an argument decides about run the filter each time.
struct CallFilter: Hashable {
  /// The instructions, 8 bytes each. The corresponding C structure is `sock_filter`.
  private(set) var instructions: [UInt64] = []

  private enum Code: UInt16 {
    /// BPF_LD | BPF_W | BPF_ABS, from seccomp_data.
    case load = 0x20
    /// BPF_JMP | BPF_JEQ | BPF_K.
    case compare = 0x15
    /// BPF_JMP | BPF_JGE | BPF_K.
    case isAtLeast = 0x35
    /// BPF_JMP | BPF_JA.
    case jump = 0x05
    /// BPF_ALU | BPF_AND | BPF_K.
    case mask = 0x54
    /// BPF_RET | BPF_K.
    case end = 0x06
  }

  // Places in seccomp_data, whose arguments are little-endian as all our architectures are.
  private static let number: UInt32 = 0
  private static let abi: UInt32 = 4
  private static func argument(_ index: Int) -> UInt32 { UInt32(16 + 8 * index) }

  // SECCOMP_RET_*.
  private static let allow: UInt32 = 0x7fff_0000
  private static let wait: UInt32 = 0x7fc0_0000

  init(_ calls: [InterceptedCall]) {
    var abis: [SyscallABI] = []
    for call in calls where !abis.contains(call.abi) { abis.append(call.abi) }
    append(.load, Self.abi)
    for abi in abis {
      let part = CallFilter(of: calls.filter { $0.abi == abi })
      // Over this part, unless equal, by a jump of its own: a conditional one reaches 255 instructions.
      append(.compare, abi.rawValue, skippingIfEqual: 1)
      append(.jump, UInt32(part.instructions.count))
      instructions += part.instructions
    }
    append(.end, Self.allow)
  }

  private init() {}

  /// The part for calls of one abi.
  private init(of calls: [InterceptedCall]) {
    var groups: [[InterceptedCall]] = []
    for call in calls.sorted(by: { $0.number < $1.number }) {
      if groups.last?[0].number == call.number {
        groups[groups.count - 1].append(call)
      } else {
        groups.append([call])
      }
    }
    append(.load, Self.number)
    for group in groups where group[0].isFrequent { append(group) }
    groups.removeAll { $0[0].isFrequent }
    appendSearch(groups[...])
  }

  /// Ends with what becomes of the call whose number is loaded: by halves, for when a filter is made the kernel goes through it with
  /// every number that there is.
  private mutating func appendSearch(_ groups: ArraySlice<[InterceptedCall]>) {
    guard groups.count > 3 else {
      for group in groups { append(group) }
      append(.end, Self.allow)
      return
    }
    let middle = groups.startIndex + groups.count / 2
    var lower = CallFilter()
    lower.appendSearch(groups[..<middle])
    append(.isAtLeast, groups[middle][0].number, skippingUnlessEqual: 1)
    append(.jump, UInt32(lower.instructions.count))
    instructions += lower.instructions
    appendSearch(groups[middle...])
  }

  /// Ends with what becomes of calls of one number, where that is the one loaded.
  private mutating func append(_ group: [InterceptedCall]) {
    var body = CallFilter()
    if group.contains(where: { $0.isUnconditional }) {
      body.append(.end, Self.wait)
    } else {
      // Where all of them look at one pointer, the most frequent calls have none: once, and first.
      let pointer = group.allSatisfy { $0.pointer == group[0].pointer } ? group[0].pointer : nil
      if let pointer {
        body.appendLook(at: pointer, skippingIfNull: 0)
        body.append(.end, Self.allow)
      }
      for call in group { body.appendConditions(of: call, looksAtPointer: pointer == nil) }
      body.append(.end, Self.allow)
    }
    let count = body.instructions.count
    if let short = UInt8(exactly: count) {
      append(.compare, group[0].number, skippingUnlessEqual: short)
    } else {
      append(.compare, group[0].number, skippingIfEqual: 1)
      append(.jump, UInt32(count))
    }
    instructions += body.instructions
  }

  /// Ends with waiting where all conditions of `call` hold.
  private mutating func appendConditions(of call: InterceptedCall, looksAtPointer: Bool) {
    var rest = CallFilter()
    if looksAtPointer, let pointer = call.pointer { rest.appendLook(at: pointer, skippingIfNull: 1) }
    rest.append(.end, Self.wait)
    for condition in call.conditions.reversed() {
      var test = CallFilter()
      test.append(.load, Self.argument(condition.argument))
      if condition.mask != .max { test.append(.mask, condition.mask) }
      test.append(.compare, condition.value, skippingUnlessEqual: UInt8(rest.instructions.count))
      rest.instructions = test.instructions + rest.instructions
    }
    instructions += rest.instructions
  }

  /// Looks whether both halves of a pointer are 0. Of the next instruction and the one behind it, which is skipped to, one is for a null
  /// pointer: that after `skippingIfNull` instructions.
  private mutating func appendLook(at pointer: Int, skippingIfNull null: UInt8) {
    append(.load, Self.argument(pointer))
    append(.compare, 0, skippingUnlessEqual: null == 0 ? 3 : 2)
    append(.load, Self.argument(pointer) + 4)
    append(.compare, 0, skippingIfEqual: null, skippingUnlessEqual: 1 - null)
  }

  /// Adds an instruction; a comparison skips as many of the next, where it holds or where it doesn't.
  private mutating func append(
    _ code: Code, _ operand: UInt32, skippingIfEqual equal: UInt8 = 0, skippingUnlessEqual unequal: UInt8 = 0
  ) {
    instructions.append(
      UInt64(code.rawValue) | UInt64(equal) << 16 | UInt64(unequal) << 24 | UInt64(operand) << 32)
  }
}

extension InterceptedCall {
  private static let futexes = [
    InterceptedCall(.x86_64, 202), InterceptedCall(.i386, 240), InterceptedCall(.i386, 422),
  ]

  /// Whether the filter looks for the number first: programs make many such calls, most of which it lets by.
  fileprivate var isFrequent: Bool { Self.futexes.contains { $0.abi == abi && $0.number == number } }

  /// Whether every call of the number waits.
  fileprivate var isUnconditional: Bool { conditions.isEmpty && pointer == nil }
}
