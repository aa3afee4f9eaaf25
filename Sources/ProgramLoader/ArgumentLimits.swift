// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The limits of execve on arguments and environment. The corresponding kernel functions are `bprm_stack_limits` and `copy_strings`.
enum ArgumentLimits {
  /// The limit of one string, including its null. The corresponding kernel constant is `MAX_ARG_STRLEN`.
  private static let string = 32 * 4096
  /// The size that is always allowed, however small the stack is. The corresponding kernel constant is `ARG_MAX`.
  private static let least: UInt64 = 131_072
  /// Three quarters of the default stack.
  private static let most: UInt64 = 8 << 20 / 4 * 3

  static func check(
    _ arguments: [[UInt8]], _ environment: [[UInt8]], for file: borrowing ProgramFile
  ) throws(LoadError) {
    var bytes = UInt64(max(arguments.count, 1) + environment.count) * 8
    for list in [arguments, environment] {
      for string in list {
        guard string.count < Self.string else {
          throw file.error(.argumentTooLong(bytes: UInt64(string.count + 1), limit: UInt64(Self.string)))
        }
        bytes += UInt64(string.count + 1)
      }
    }
    let stack = (try? Kernel.stackLimit()) ?? .max
    let limit = max(least, min(most, stack / 4))
    guard bytes <= limit else { throw file.error(.argumentsTooLong(bytes: bytes, limit: limit)) }
  }

  /// The error if the strings leave too little space for pointers and vector.
  static var stackTooSmall: LoadError.Reason {
    .process("arguments and environment don't fit on a stack of this size; raise ulimit -s")
  }
}
