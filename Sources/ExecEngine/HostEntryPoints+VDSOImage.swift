// SPDX-License-Identifier: Apache-2.0

import ELF
public import SimulatedKernel
public import VDSOResolver

extension HostEntryPoints {
  /// Takes the functions of the host's own vDSO; none if there is no vDSO.
  public init(_ host: VDSOImage?) {
    func address(_ function: VDSOFunction) -> UInt64 { host?.resolve(function).address ?? 0 }
    let isI386 = host?.object.header.machine == .i386
    self.init(
      clockGettime: address(isI386 ? .clockGettime64 : .clockGettime), clockGetres: address(.clockGetres),
      time: address(.time), getcpu: address(.getcpu), getrandom: address(.getrandom),
      archSpecific: isI386 ? host?.systemCallEntry ?? 0 : 0)
  }
}

extension VDSOImage {
  /// The address of i386's entry for system calls, or nil. The corresponding C function is `__kernel_vsyscall`.
  var systemCallEntry: UInt64? {
    (try? object.symbols.symbol(named: "__kernel_vsyscall", version: "LINUX_2.5")).flatMap { $0 }
      .map { loadBias &+ $0.value }
  }
}
