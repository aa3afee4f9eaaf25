// SPDX-License-Identifier: Apache-2.0

public import MappedELF

/// The vDSO that is mapped in this process, opened for calls: it must stay mapped while the value is used.
///
/// Allocates nothing and takes no lock: every function is async-signal-safe.
public struct MappedVDSO: Sendable {
  package let address: UInt
  /// The image of the vDSO.
  public let object: MappedObject
  private let prefix: VDSOPrefix
  /// A set of bits: the functions that the architecture's vDSO may define.
  private let functions: UInt16
  private let version: MappedObject.VersionMatch

  init(_ object: MappedObject, at address: UInt) throws(TrapReason) {
    guard object.type == .sharedObject else { throw .notSharedObject }
    guard let catalog = VDSOCatalog.entry(machine: object.machine, elfClass: .native) else {
      throw .unknownArchitecture(object.machine, .native)
    }
    self.address = address
    self.object = object
    (prefix, functions) = (catalog.prefix, catalog.functions)
    do throws(ELFError) {
      version = try object.match(catalog.version)
    } catch {
      throw .damaged(error)
    }
  }

  /// The address of the function, or nil if `resolve` gives a reason why calls trap.
  func address(of function: VDSOFunction) -> UInt? {
    guard functions & function.bit != 0, let target = try? object.target(named: function.symbol(prefix), version),
      Self.mayBeFunction(target.type), object.isCode(target.value)
    else { return nil }
    return object.loadBias &+ target.value
  }

  // ppc64's functions have no type.
  private static func mayBeFunction(_ type: SymbolType) -> Bool { type == .function || type == .none }

  /// How a call of the function is resolved. Name, version, type and address of the symbol must all be right.
  public func resolve(_ function: VDSOFunction) -> Resolution {
    guard functions & function.bit != 0 else { return .trap(.notOnArchitecture) }
    do throws(ELFError) {
      let name = function.symbol(prefix)
      guard let target = try object.target(named: name, version) else {
        return .trap(try object.target(named: name, .any) == nil ? .missingSymbol : .wrongVersion)
      }
      guard Self.mayBeFunction(target.type) else { return .trap(.notFunction(target.type)) }
      guard object.isCode(target.value) else { return .trap(.outsideCode(address: UInt64(target.value))) }
      return .vdso(address: UInt64(object.loadBias &+ target.value))
    } catch {
      return .trap(.damaged(error))
    }
  }
}

extension ImageKind {
  /// Whether this program can call the image's functions.
  package var isNative: Bool {
    machine == .native && elfClass == .native && byteOrder == .native
  }
}
