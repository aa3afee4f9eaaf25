// SPDX-License-Identifier: Apache-2.0

// The constructor's work: it decides once where each call goes.

internal import CVDSOShim
internal import MappedELF
internal import VDSOCalls

/// The options in the variable VDSOSHIM.
struct ShimOptions {
  var off = false
  var trap = false
  var verbose = false
}

/// Resolves all functions. Runs in the library's constructor, before the program's own code and threads.
@c(shim_start)
public func start() {
  let options = ShimOptions.ofEnvironment()
  if options.off {
    setAll("trap: VDSOSHIM=off", VDSO_STATE_OFF)
  } else {
    resolve(options)
  }
  if options.verbose { ShimFunction.forEach { $0.report() } }
}

private func resolve(_ options: ShimOptions) {
  do throws(TrapReason) {
    let image = try MappedVDSO.current()
    if options.trap { return setAll("trap: VDSOSHIM=trap", VDSO_STATE_TRAP) }
    ShimFunction.forEach { $0.set($0.route(image)) }
    shim_set_state(Int32(VDSO_STATE_ACTIVE.rawValue))
  } catch {
    setAll(error.shortText, VDSO_STATE_ABSENT)
  }
}

private func setAll(_ reason: StaticString, _ state: vdso_state) {
  ShimFunction.forEach { $0.set(.trap(reason)) }
  shim_set_state(Int32(state.rawValue))
}

/// Where a function's calls go.
enum Route {
  case vdso(address: UInt64)
  case trap(StaticString)
}

extension ShimFunction {
  fileprivate func route(_ image: MappedVDSO) -> Route {
    switch counterpart {
    case .getuid, .geteuid, .getgid, .getegid: return .trap("trap: a page cannot see the system calls that change it")
    case .getpid where shim_counts_children() == 0:
      return .trap("trap: children that share memory are made by another library's functions")
    default: break
    }
    switch image.resolve(counterpart) {
    case .vdso(let address): return .vdso(address: address)
    case .trap(let reason): return .trap(reason.shortText)
    }
  }
}

extension TrapReason {
  /// The reason as a constant string: text made at run time would add a tenth of a megabyte of tables.
  fileprivate var shortText: StaticString {
    switch self {
    case .noVDSO: "trap: the auxiliary vector names no vDSO"
    case .unreadable: "trap: the vDSO's memory is not readable"
    case .damaged: "trap: the vDSO is damaged"
    case .notSharedObject: "trap: the vDSO is not a shared object"
    case .wrongArchitecture, .unknownArchitecture: "trap: the vDSO is for another architecture"
    case .notOnArchitecture, .missingSymbol: "trap: the vDSO has no such function"
    case .wrongVersion: "trap: the vDSO defines it at another version"
    case .notFunction, .outsideCode: "trap: the vDSO's symbol is not code"
    case .mismatch: "trap: the vDSO's function gave a wrong answer"
    }
  }
}
