// SPDX-License-Identifier: Apache-2.0

// The functions of libc that the shim replaces.

internal import CVDSOShim
internal import VDSOCalls

/// A function of libc that the shim replaces: its index in the table, its name, and the vDSO's function for it.
struct ShimFunction {
  let index: Int
  let name: StaticString
  let counterpart: VDSOFunction

  static func forEach(_ body: (ShimFunction) -> Void) {
    for index in 0..<SHIM_FUNCTION_COUNT { body(ShimFunction(index: index)) }
  }

  /// `index` is one of `SHIM_*`.
  init(index: Int) {
    self.index = index
    switch index {
    case SHIM_CLOCK_GETTIME: (name, counterpart) = ("clock_gettime", .clockGettime)
    case SHIM_CLOCK_GETRES: (name, counterpart) = ("clock_getres", .clockGetres)
    case SHIM_GETTIMEOFDAY: (name, counterpart) = ("gettimeofday", .gettimeofday)
    case SHIM_TIME: (name, counterpart) = ("time", .time)
    case SHIM_GETCPU: (name, counterpart) = ("getcpu", .getcpu)
    case SHIM_GETPID: (name, counterpart) = ("getpid", .getpid)
    case SHIM_GETUID: (name, counterpart) = ("getuid", .getuid)
    case SHIM_GETEUID: (name, counterpart) = ("geteuid", .geteuid)
    case SHIM_GETGID: (name, counterpart) = ("getgid", .getgid)
    default: (name, counterpart) = ("getegid", .getegid)
    }
  }
}
