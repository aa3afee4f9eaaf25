// SPDX-License-Identifier: Apache-2.0

import ExecEngine

/// Random bytes that are the same in every run: those that programs find at their start, and the results of getrandom.
///
/// One stream serves a whole session, in the order of its calls. It must not be used for secrets, because it is public.
final class RandomCalls {
  /// The bytes that AT_RANDOM points at, in every program.
  let atStart: [UInt8]
  private let generator = RepeatingBytes()

  private static let invalid: Int64 = -22
  /// The flags are GRND_NONBLOCK, GRND_RANDOM and GRND_INSECURE; the last two exclude each other.
  private static let flags: (known: UInt64, exclusive: UInt64) = (7, 6)
  /// The most bytes that one call gets, and the number of bytes that are made at a time.
  private static let limits: (call: UInt64, piece: UInt64) = (1 << 25, 1 << 16)

  init() {
    atStart = generator.next(16)
  }

  /// The intercepted calls, and the answer to each.
  var interceptor: CallInterceptor {
    CallInterceptor([
      InterceptedCall(.x86_64, 318), InterceptedCall(.x86_64, SyscallABI.x32 + 318), InterceptedCall(.i386, 355),
      InterceptedCall(.aarch64, 278), InterceptedCall(.riscv64, 278),
    ]) { self.answer($0) }
  }

  private func answer(_ notification: CallNotification) -> CallAnswer {
    let flags = notification.arguments[2] & 0xffff_ffff
    guard flags & ~Self.flags.known == 0, flags & Self.flags.exclusive != Self.flags.exclusive else {
      return .result(Self.invalid)
    }
    let count = min(notification.arguments[1], Self.limits.call)
    var done: UInt64 = 0
    while done < count {
      let piece = generator.next(Int(min(count - done, Self.limits.piece)))
      if let failure = notification.store(piece, at: notification.arguments[0] &+ done) {
        return done == 0 ? failure : .result(Int64(done))
      }
      done += UInt64(piece.count)
    }
    return .result(Int64(count))
  }
}

/// A stream of bytes that looks random and is always the same (SplitMix64).
private struct RepeatingBytes {
  /// The state is shared, so that the standby continues the stream.
  private let state = SharedWord()

  func next(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      let word = nextWord()
      for shift in stride(from: 0, to: 64, by: 8) where bytes.count < count {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    return bytes
  }

  private func nextWord() -> UInt64 {
    state.value &+= 0x9e37_79b9_7f4a_7c15
    var word = state.value
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
