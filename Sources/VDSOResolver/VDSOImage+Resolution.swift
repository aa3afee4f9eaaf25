// SPDX-License-Identifier: Apache-2.0

import ELF

extension VDSOImage {
  /// How a call of the function is resolved in a process with this image.
  ///
  /// Allocates nothing and takes no lock. Name, version, type and address of the symbol must all be right.
  public func resolve(_ function: VDSOFunction) -> Resolution {
    do throws(TrapReason) {
      return .vdso(address: try addressOf(function))
    } catch {
      return .trap(error)
    }
  }

  private func addressOf(_ function: VDSOFunction) throws(TrapReason) -> UInt64 {
    guard let catalog else { throw .unknownArchitecture(object.header.machine, object.header.elfClass) }
    guard catalog.contains(function) else { throw .notOnArchitecture }
    let target: DynamicSymbols.Target?
    do throws(ELFError) {
      target = try object.symbols.target(named: catalog.symbolName(function), version: catalog.version)
    } catch {
      throw .damaged(error)
    }
    guard let target else { throw reasonForAbsence(catalog.symbolName(function)) }
    // ppc64's functions have no type.
    guard target.type == .function || target.type == .none else { throw .notFunction(target.type) }
    let inCode = object.programHeaders.contains { segment in
      segment.type == .load && segment.flags.contains(.execute) && target.value >= segment.virtualAddress
        && target.value - segment.virtualAddress < segment.memorySize
    }
    guard inCode else { throw .outsideCode(address: target.value) }
    return loadBias &+ target.value
  }

  private func reasonForAbsence(_ name: StaticString) -> TrapReason {
    do throws(ELFError) {
      return try object.symbols.target(named: name, version: nil) == nil ? .missingSymbol : .wrongVersion
    } catch {
      return .damaged(error)
    }
  }
}
