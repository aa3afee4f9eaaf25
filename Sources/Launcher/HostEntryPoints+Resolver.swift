public import SimulatedKernel
public import VDSOResolver

extension HostEntryPoints {
  /// The functions that `resolver` has found in the host's own vDSO.
  public init(_ resolver: Resolver) {
    func address(_ function: VDSOFunction) -> UInt64 { UInt64(resolver.address(of: function)) }
    self.init(
      clockGettime: address(.clockGettime), clockGetres: address(.clockGetres), time: address(.time),
      getcpu: address(.getcpu), getrandom: address(.getrandom))
  }
}
