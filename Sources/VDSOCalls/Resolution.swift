// SPDX-License-Identifier: Apache-2.0

public import MappedELF

/// The target of a call.
public enum Resolution: Hashable, Sendable {
  /// The vDSO's function at this address of the process.
  case vdso(address: UInt64)
  /// The kernel, by a system call, and the reason.
  case trap(TrapReason)

  /// The address of the vDSO's function, or nil for the trap.
  public var address: UInt64? {
    if case .vdso(let address) = self { address } else { nil }
  }
}

extension Resolution: CustomStringConvertible {
  public var description: String {
    switch self {
    case .vdso(let address): "vDSO at \(hexadecimal(address))"
    case .trap(let reason): "trap: \(reason)"
    }
  }
}

/// Why a call goes to the kernel.
@nonexhaustive
public enum TrapReason: Error, Hashable, Sendable {
  /// The auxiliary vector has no `AT_SYSINFO_EHDR`, or a null one.
  case noVDSO
  /// `AT_SYSINFO_EHDR` leads to memory that is not readable, or is not at the start of a page.
  case unreadable(address: UInt64)
  /// The image is damaged.
  case damaged(ELFError)
  /// The image is not a shared object with a loadable segment.
  case notSharedObject
  /// The image is for another architecture than this program.
  case wrongArchitecture(Machine, ELFClass)
  /// Nothing is known about vDSOs of the image's architecture.
  case unknownArchitecture(Machine, ELFClass)
  /// The architecture's vDSO has no such function.
  case notOnArchitecture
  /// The image has no symbol of the name.
  case missingSymbol
  /// The image has the symbol, but not at the version that the architecture prescribes.
  case wrongVersion
  /// The symbol isn't a function.
  case notFunction(SymbolType)
  /// The symbol's address is not inside an executable segment.
  case outsideCode(address: UInt64)
  /// The self-check found that the function returns wrong results.
  case mismatch(Mismatch)

  /// The fault that the self-check found.
  public enum Mismatch: UInt8, Hashable, Sendable {
    /// A time not between those that the kernel gave right before and right after.
    case outOfOrder = 1
    /// Success, or an error other than EINVAL, for a clock that does not exist.
    case acceptedBadClock = 2
    /// A result that differs from the kernel's, where only one result is right.
    case differs = 3
    /// An error where the kernel succeeds.
    case failed = 4
  }
}

extension TrapReason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noVDSO: "the auxiliary vector names no vDSO (AT_SYSINFO_EHDR)"
    case .unreadable(let address): "no readable page at \(hexadecimal(address)), where the vDSO should be"
    case .damaged(let error): "the vDSO is damaged: \(error)"
    case .notSharedObject: "the vDSO is not a shared object with a loadable segment"
    case .wrongArchitecture(let machine, let elfClass):
      "the vDSO is for \(elfClass == .bits64 ? "64" : "32")-bit \(machine), not for this program"
    case .unknownArchitecture(let machine, let elfClass):
      "no vDSO is known for \(elfClass == .bits64 ? "64" : "32")-bit \(machine)"
    case .notOnArchitecture: "this architecture's vDSO has no such function"
    case .missingSymbol: "the vDSO doesn't define this function"
    case .wrongVersion: "the vDSO defines this function at another version"
    case .notFunction(let type): "the vDSO's symbol is not code (type \(type.rawValue))"
    case .outsideCode(let address): "address \(hexadecimal(address)) is not in the vDSO's code"
    case .mismatch(let mismatch): "self-check: \(mismatch.explanation)"
    }
  }
}

extension TrapReason.Mismatch {
  fileprivate var explanation: String {
    switch self {
    case .outOfOrder: "its time is not between those that the kernel gave before and after"
    case .acceptedBadClock: "it does not answer EINVAL for a clock that does not exist"
    case .differs: "its answer differs from the kernel's"
    case .failed: "it fails where the kernel succeeds"
    }
  }
}
