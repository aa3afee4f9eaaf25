// SPDX-License-Identifier: Apache-2.0

/// The stack that a program starts on: argument count, pointers to arguments and environment, auxiliary vector, strings.
///
/// In the kernel's layout, from the top down: a null word, the executable's path, environment, arguments, platform, sixteen
/// random bytes, padding, auxiliary vector, environment pointers, argument pointers, argument count.
public struct InitialStack: Hashable, Sendable {
  /// The size of a word in bytes and so the class of the program.
  public enum WordSize: Int, Hashable, Sendable {
    case four = 4
    case eight = 8
  }

  public let wordSize: WordSize
  /// The bytes from `stackPointer` up to the top.
  public let bytes: [UInt8]
  /// The address of the argument count, a multiple of 16.
  public let stackPointer: UInt64
  /// The addresses of the arguments' strings, and of the environment's.
  public let arguments: Range<UInt64>
  public let environment: Range<UInt64>
  /// The address range of the auxiliary vector, including its end entry.
  public let auxiliaryVector: Range<UInt64>

  /// Builds the bytes for a stack that ends at `top`, a multiple of 16.
  ///
  /// `random` is sixteen fresh bytes for AT_RANDOM. `platform` is the string for AT_PLATFORM, nil if there is none. `auxiliary` has the
  /// entries without AT_NULL; the values of AT_RANDOM, AT_EXECFN and AT_PLATFORM are replaced by addresses on this stack.
  public init(
    top: UInt64, wordSize: WordSize, executablePath: [UInt8], arguments: [[UInt8]], environment: [[UInt8]],
    platform: [UInt8]?, random: [UInt8], auxiliary: [(key: UInt64, value: UInt64)]
  ) {
    self.wordSize = wordSize
    var strings = StackStrings(top: top &- 8)
    let pathAddress = strings.push(executablePath)
    let environmentEnd = strings.lowest
    let environmentAddresses = strings.push(all: environment)
    let argumentsEnd = strings.lowest
    let argumentAddresses = strings.push(all: arguments)
    self.environment = argumentsEnd..<environmentEnd
    self.arguments = strings.lowest..<argumentsEnd
    let platformAddress = platform.map { strings.push($0) }
    let randomAddress = strings.push(raw: random)

    let entries: [(UInt64, UInt64)] = auxiliary.map { entry in
      switch entry.key {
      case 15: (entry.key, platformAddress ?? 0)
      case 25: (entry.key, randomAddress)
      case 31: (entry.key, pathAddress)
      default: (entry.key, entry.value)
      }
    }
    let head = [UInt64(arguments.count)] + argumentAddresses + [0] + environmentAddresses + [0]
    let vector: [UInt64] = entries.flatMap { (entry: (UInt64, UInt64)) -> [UInt64] in [entry.0, entry.1] } + [0, 0]
    let word = UInt64(wordSize.rawValue)
    let pointer = (strings.lowest &- word &* UInt64(head.count + vector.count)).roundedDown(to: 16)
    stackPointer = pointer
    let vectorStart = pointer &+ word &* UInt64(head.count)
    auxiliaryVector = vectorStart..<vectorStart &+ word &* UInt64(vector.count)

    var bytes = (head + vector).flatMap { value in
      (0..<wordSize.rawValue).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
    bytes += [UInt8](repeating: 0, count: Int(strings.lowest &- pointer) - bytes.count)
    self.bytes = bytes + strings.bytes + [UInt8](repeating: 0, count: 8)
  }
}
