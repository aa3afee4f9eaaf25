public import SimulatedKernel
public import VDSOResolver

extension HostEntryPoints {
  /// The functions of the host's own vDSO; none without one.
  public init(_ host: VDSOImage?) {
    func address(_ function: VDSOFunction) -> UInt64 { host?.resolve(function).address ?? 0 }
    self.init(
      clockGettime: address(.clockGettime), clockGetres: address(.clockGetres), time: address(.time),
      getcpu: address(.getcpu), getrandom: address(.getrandom))
  }
}
