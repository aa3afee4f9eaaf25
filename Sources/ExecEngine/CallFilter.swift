/// The filter that makes tasks wait in watched calls: a program of a socket filter, as seccomp has it.
///
/// Calls that no argument decides about cost next to nothing: since Linux 5.11 the kernel remembers which numbers are let
/// through whatever their arguments.
struct CallFilter: Hashable {
  /// The instructions, 8 bytes each. The corresponding C structure is `sock_filter`.
  private(set) var instructions: [UInt64] = []

  private enum Code: UInt16 {
    /// BPF_LD | BPF_W | BPF_ABS, from seccomp_data.
    case load = 0x20
    /// BPF_JMP | BPF_JEQ | BPF_K.
    case compare = 0x15
    /// BPF_JMP | BPF_JA.
    case jump = 0x05
    /// BPF_ALU | BPF_AND | BPF_K.
    case mask = 0x54
    /// BPF_RET | BPF_K.
    case end = 0x06
  }

  // Places in seccomp_data, whose arguments are little-endian as all our architectures are.
  private static let number: UInt32 = 0
  private static let interface: UInt32 = 4
  private static func argument(_ index: Int) -> UInt32 { UInt32(16 + 8 * index) }

  // SECCOMP_RET_*.
  private static let allow: UInt32 = 0x7fff_0000
  private static let wait: UInt32 = 0x7fc0_0000

  init(_ calls: [WatchedCall]) {
    var interfaces: [CallInterface] = []
    for call in calls where !interfaces.contains(call.interface) { interfaces.append(call.interface) }
    append(.load, Self.interface)
    for interface in interfaces {
      var part = CallFilter()
      for call in calls where call.interface == interface { part.append(call) }
      part.append(.end, Self.allow)
      // Over this part, unless equal, by a jump of its own: a conditional one reaches 255 instructions.
      append(.compare, interface.rawValue, skippingIfEqual: 1)
      append(.jump, UInt32(part.instructions.count))
      instructions += part.instructions
    }
    append(.end, Self.allow)
  }

  private init() {}

  private mutating func append(_ call: WatchedCall) {
    var rest = CallFilter()
    if let condition = call.condition {
      rest.append(.load, Self.argument(condition.argument))
      rest.append(.mask, condition.mask)
      rest.append(.compare, condition.value, skippingIfEqual: 1)
      rest.append(.jump, call.pointer == nil ? 1 : 5)
    }
    if let pointer = call.pointer {
      // Both halves are 0: on to the next call.
      rest.append(.load, Self.argument(pointer))
      rest.append(.compare, 0, skippingUnlessEqual: 2)
      rest.append(.load, Self.argument(pointer) + 4)
      rest.append(.compare, 0, skippingIfEqual: 1)
    }
    rest.append(.end, Self.wait)
    append(.load, Self.number)
    append(.compare, call.number, skippingUnlessEqual: UInt8(rest.instructions.count))
    instructions += rest.instructions
  }

  /// Adds an instruction; a comparison skips as many of the next.
  private mutating func append(
    _ code: Code, _ operand: UInt32, skippingIfEqual equal: UInt8 = 0, skippingUnlessEqual unequal: UInt8 = 0
  ) {
    instructions.append(
      UInt64(code.rawValue) | UInt64(equal) << 16 | UInt64(unequal) << 24 | UInt64(operand) << 32)
  }
}
