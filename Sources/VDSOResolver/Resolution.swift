public import ELF

/// Where a call goes.
public enum Resolution: Hashable, Sendable {
  /// To the function at this address of the process.
  case vdso(address: UInt)
  /// Into the kernel, and why.
  case trap(TrapReason)
}

/// Why a call doesn't go through the vDSO.
public enum TrapReason: Hashable, Sendable {
  /// The auxiliary vector has no AT_SYSINFO_EHDR.
  case noEntry
  /// The image that it points at is broken.
  case brokenImage(ELFError)
  /// The image is for another machine.
  case wrongMachine(Machine)
  /// Linux has no vDSO on this machine.
  case unknownMachine(Machine)
  /// The image doesn't define the symbol at any version.
  case missingSymbol(String)
  /// The image defines the symbol at another version.
  case wrongVersion(String, expected: String)
  /// The symbol isn't a function, or not one inside the image.
  case notAFunction(String)
}

extension TrapReason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noEntry: "the auxiliary vector has no AT_SYSINFO_EHDR"
    case .brokenImage(let error): "the image is broken: \(error)"
    case .wrongMachine(let machine): "the image is for \(machine)"
    case .unknownMachine(let machine): "no vDSO is known for \(machine)"
    case .missingSymbol(let name): "the image has no \(name)"
    case .wrongVersion(let name, let expected): "the image has \(name), but not at \(expected)"
    case .notAFunction(let name): "\(name) is no function inside the image"
    }
  }
}

extension Resolution: CustomStringConvertible {
  public var description: String {
    switch self {
    case .vdso(let address): "vDSO at 0x" + String(address, radix: 16)
    case .trap(let reason): "trap: \(reason)"
    }
  }
}
