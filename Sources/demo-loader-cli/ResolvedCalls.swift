// SPDX-License-Identifier: Apache-2.0

import VDSOResolver

/// Loops of calls through a resolver, for timing.
final class ResolvedCalls {
  private let vdso: VDSO

  init(_ vdso: consuming VDSO) {
    self.vdso = vdso
  }

  /// A loop that makes the call the given number of times; nil for a call that needs more than the kernel's result.
  func loop(_ function: VDSOFunction) -> ((Int) -> Void)? {
    switch function {
    case .clockGettime: { count in for _ in 0..<count { _ = try? self.vdso.clockGettime(.realtime) } }
    case .clockGetres: { count in for _ in 0..<count { _ = try? self.vdso.clockGetres(.realtime) } }
    case .gettimeofday: { count in for _ in 0..<count { _ = try? self.vdso.gettimeofday() } }
    case .time: { count in for _ in 0..<count { _ = self.vdso.time() } }
    case .getcpu: { count in for _ in 0..<count { _ = try? self.vdso.getcpu() } }
    case .getpid: { count in for _ in 0..<count { _ = self.vdso.getpid() } }
    case .getppid: { count in for _ in 0..<count { _ = self.vdso.getppid() } }
    case .getuid: { count in for _ in 0..<count { _ = self.vdso.getuid() } }
    case .geteuid: { count in for _ in 0..<count { _ = self.vdso.geteuid() } }
    case .getgid: { count in for _ in 0..<count { _ = self.vdso.getgid() } }
    case .getegid: { count in for _ in 0..<count { _ = self.vdso.getegid() } }
    case .clockGettime64, .clockGetres64, .getrandom: nil
    }
  }
}
