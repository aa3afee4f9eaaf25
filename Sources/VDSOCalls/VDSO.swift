// SPDX-License-Identifier: Apache-2.0

internal import CSystemCalls

/// The calls that a vDSO may serve, each going to its function or to the kernel: resolved once, then one indirect call.
///
/// Calls are async-signal-safe and allocation-free, and may be made from any thread at once. The image must stay
/// mapped while this value lives. Nothing is reported as an error that a system call can answer: `resolution(of:)` says
/// which way each call goes and why.
public struct VDSO: ~Copyable, Sendable {
  /// Makes a system call: number, then six arguments; returns the kernel's result, a negated error number on failure.
  public typealias Trap = @convention(c) @Sendable (Int, Int, Int, Int, Int, Int, Int) -> Int

  /// The kernel of this process: makes the system call.
  public static var kernel: Trap { { linux_syscall($0, $1, $2, $3, $4, $5, $6) } }

  /// The image, or why there is none.
  package let mapped: Result<MappedVDSO, TrapReason>
  @usableFromInline let trap: Trap
  @usableFromInline let targets = TargetTable()

  /// The calls of the image that is mapped at an address of this process.
  ///
  /// A test may map an image of its own, and hand in a trap that counts or answers itself. Functions are resolved now, or
  /// where `eagerly` is false each at its first call. An address without a readable image makes all calls trap.
  public init(mappedAt address: UInt64, eagerly: Bool = true, trap: @escaping Trap = VDSO.kernel) {
    self.init(
      Result { () throws(TrapReason) in try MappedVDSO(mappedAt: address) }, eagerly: eagerly, trap: trap)
  }

  /// Calls that all go to the kernel, for the reason given.
  public init(trapping reason: TrapReason, trap: @escaping Trap = VDSO.kernel) {
    self.init(.failure(reason), eagerly: true, trap: trap)
  }

  /// The calls of the image that the kernel gave this process.
  public static func current(eagerly: Bool = true) -> VDSO {
    VDSO(Result { () throws(TrapReason) in try MappedVDSO.current() }, eagerly: eagerly, trap: kernel)
  }

  init(_ mapped: Result<MappedVDSO, TrapReason>, eagerly: Bool, trap: @escaping Trap) {
    self.mapped = mapped
    self.trap = trap
    guard eagerly else { return }
    switch mapped {
    case .success(let mapped):
      for function in VDSOFunction.allCases { targets.set(function, mapped.address(of: function) ?? TargetTable.trap) }
    case .failure:
      for function in VDSOFunction.allCases { targets.set(function, TargetTable.trap) }
    }
  }

  /// Which way a call goes, and why.
  public func resolution(of function: VDSOFunction) -> Resolution {
    if let mismatch = targets.verdict(function) { return .trap(.mismatch(mismatch)) }
    switch mapped {
    case .success(let mapped): return mapped.resolve(function)
    case .failure(let reason): return .trap(reason)
    }
  }

  /// Stores where the function goes, unless another thread was first; returns what is stored.
  @usableFromInline
  func resolve(_ function: VDSOFunction) -> UInt {
    targets.resolve(function, Self.target(resolution(of: function)))
  }

  /// Sends all later calls of the function to the kernel.
  func demote(_ function: VDSOFunction, _ mismatch: TrapReason.Mismatch) {
    targets.demote(function, mismatch)
  }

  private static func target(_ resolution: Resolution) -> UInt {
    if case .vdso(let address) = resolution { UInt(truncatingIfNeeded: address) } else { TargetTable.trap }
  }
}
