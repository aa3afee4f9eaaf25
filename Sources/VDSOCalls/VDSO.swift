// SPDX-License-Identifier: Apache-2.0

internal import CSystemCalls

/// The calls that a vDSO may serve. Each goes to the vDSO's function or to the kernel: it is resolved once, and then takes one indirect
/// call.
///
/// Calls are async-signal-safe and allocation-free, and any threads may make them at the same time. The image must stay mapped while this
/// value lives. No problem of the vDSO is an error, because the system call works in any case: `resolution(of:)` gives each call's target
/// and the reason.
public struct VDSO: ~Copyable, Sendable {
  /// Makes a system call: number, then six arguments; returns the kernel's result, a negated error number on failure.
  public typealias Trap = @convention(c) @Sendable (Int, Int, Int, Int, Int, Int, Int) -> Int

  /// The trap that makes the system call in this process.
  public static var kernel: Trap { { linux_syscall($0, $1, $2, $3, $4, $5, $6) } }

  /// The image, or the reason why there is none.
  package let mapped: Result<MappedVDSO, TrapReason>
  @usableFromInline let trap: Trap
  @usableFromInline let targets = TargetTable()

  /// The calls of the image that is mapped at an address of this process.
  ///
  /// A test may map an image of its own, and pass a trap that counts or answers calls itself. Functions are resolved at once, or each at
  /// its first call if `eagerly` is false. An address without a readable image makes all calls trap.
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

  /// The target of a call, and the reason for it.
  public func resolution(of function: VDSOFunction) -> Resolution {
    if let mismatch = targets.verdict(function) { return .trap(.mismatch(mismatch)) }
    switch mapped {
    case .success(let mapped): return mapped.resolve(function)
    case .failure(let reason): return .trap(reason)
    }
  }

  /// Resolves the function and stores its target, unless another thread was faster; returns the stored target.
  @usableFromInline
  func resolve(_ function: VDSOFunction) -> UInt {
    targets.resolve(function, Self.target(resolution(of: function)))
  }

  /// Makes all later calls of the function go to the kernel.
  func demote(_ function: VDSOFunction, _ mismatch: TrapReason.Mismatch) {
    targets.demote(function, mismatch)
  }

  private static func target(_ resolution: Resolution) -> UInt {
    if case .vdso(let address) = resolution { UInt(truncatingIfNeeded: address) } else { TargetTable.trap }
  }
}
