// SPDX-License-Identifier: Apache-2.0

import Launcher
import VDSOResolver

/// The target of each call, the reason, and the cost on this machine.
struct ResolveReport: Encodable {
  struct Call: Encodable {
    /// The name of the system call.
    var call: String
    /// Whether Linux's vDSO for the architecture serves it.
    var linux: Bool
    /// The address of the vDSO's function, or nil for a trap.
    var address: UInt64?
    /// The reason if the call is a trap.
    var reason: String?
    /// Whether the vDSO's function makes a system call itself; nil if that is not known.
    var entersKernel: Bool?
    /// The cost by the resolver, and the cost of the trap.
    var nanoseconds: Double?
    var trapNanoseconds: Double?

    var isSlow: Bool { linux && (address == nil || entersKernel == true) }
  }

  struct Clock: Encodable {
    /// The name of the C constant.
    var clock: String
    var id: Int32
    /// The same for clock_gettime with this clock.
    var entersKernel: Bool?
  }

  var calls: [Call]
  /// The clocks; only for this process.
  var clocks: [Clock] = []

  /// Reports an image of any process, or the reason why all calls trap.
  init(_ image: Result<VDSOImage, TrapReason>) {
    let catalog = (try? image.get())?.catalog
    calls = VDSOFunction.allCases.compactMap { function in
      let resolution = image.map { $0.resolve(function) }
      return switch resolution {
      case .success(let resolution): Self.call(function, resolution, catalog)
      case .failure(let reason): Self.call(function, .trap(reason), catalog)
      }
    }
  }

  /// Reports this process's vDSO, with the costs of the calls.
  init(current vdso: consuming VDSO) {
    let catalog = (try? vdso.image.get())?.catalog
    calls = []
    for function in VDSOFunction.allCases {
      guard var call = Self.call(function, vdso.resolution(of: function), catalog) else { continue }
      call.entersKernel = call.address.flatMap { SystemCallProbe.entersKernel(function, at: $0) }
      calls.append(call)
    }
    if let address = vdso.resolution(of: .clockGettime).address {
      clocks = ClockID.all.map { id in
        Clock(
          clock: id.name ?? "", id: id.rawValue,
          entersKernel: SystemCallProbe.entersKernel(.clockGettime, at: address, clock: id.rawValue))
      }
    }
    measure(ResolvedCalls(vdso))
  }

  private mutating func measure(_ resolved: ResolvedCalls) {
    let trapped = ResolvedCalls(VDSO(image: .failure(.noVDSO)))
    let timed = calls.indices.compactMap { index -> (index: Int, loops: [(Int) -> Void])? in
      guard let function = VDSOFunction(name: calls[index].call), let resolved = resolved.loop(function),
        let trapped = trapped.loop(function)
      else { return nil }
      return (index, [resolved, trapped])
    }
    let times = CallTimer.nanosecondsPerCall(timed.flatMap(\.loops), calls: 200, rounds: 20)
    for (place, timed) in timed.enumerated() {
      calls[timed.index].nanoseconds = (times[2 * place] * 10).rounded() / 10
      calls[timed.index].trapNanoseconds = (times[2 * place + 1] * 10).rounded() / 10
    }
  }

  /// Nil if the architecture's vDSO doesn't have the function.
  private static func call(_ function: VDSOFunction, _ resolution: Resolution, _ catalog: VDSOCatalog?) -> Call? {
    if resolution == .trap(.notOnArchitecture) { return nil }
    var call = Call(call: function.name, linux: catalog?.linuxFunctions.contains(function) ?? !function.isIdentity)
    switch resolution {
    case .vdso(let address): call.address = address
    case .trap(let reason): call.reason = "\(reason)"
    }
    return call
  }
}

extension ResolveReport {
  var table: String {
    let rows = calls.map { call in
      let place = call.address.map { "vDSO at \(hexadecimal($0))" } ?? "trap"
      let remark = call.entersKernel == true ? "makes a system call itself" : call.reason ?? ""
      return [call.call, place, Self.text(call.nanoseconds), Self.text(call.trapNanoseconds), remark]
    }
    let table = Table.text(columns: ["call", "goes to", "ns", "trap, ns", ""], rows: rows)
    return clocks.isEmpty ? table : table + "\n\n" + clockTable
  }

  private var clockTable: String {
    Table.text(
      columns: ["clock", "read"],
      rows: clocks.map { clock in
        let way =
          switch clock.entersKernel {
          case .some(true): "by a system call that the vDSO makes"
          case .some(false): "by the vDSO alone"
          case nil: "unknown"
          }
        return [clock.clock, way]
      })
  }

  private static func text(_ nanoseconds: Double?) -> String {
    nanoseconds.map { Table.number($0, decimals: 1) } ?? ""
  }
}
