/// Why a shared time page gives no time: the caller asks the kernel instead.
public enum TimePageError: Error, Hashable, Sendable {
  /// There are fewer bytes than the structure has.
  case tooShort(byteCount: Int, needed: Int)
  /// The page is of a version that this reader does not know.
  case unknownVersion(UInt32)
  /// The kernel has switched the page off.
  case disabled
  /// The index of the current state is outside the ring.
  case badIndex(UInt32)
  /// The time depends on a device that only its own system's programs can map.
  case needsDevice(TimekeepAlgorithm)
  /// The number names no counter of this architecture.
  case unknownAlgorithm(TimekeepAlgorithm)
  /// This machine cannot read the counter that the page is about.
  case foreignCounter
  /// The writer was at work at each of many attempts, or stopped in the middle.
  case busy
}

extension TimePageError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooShort(let byteCount, let needed): "the page has \(byteCount) bytes, its structure needs \(needed)"
    case .unknownVersion(let version): "the page has version \(version), known is 1: ask the kernel"
    case .disabled: "the kernel has switched the page off: ask the kernel"
    case .badIndex(let index):
      "the page's current state is number \(index) of \(TimekeepFormat.ringCount): it is damaged"
    case .needsDevice(let algorithm): "the page counts by \(algorithm.device): ask the kernel"
    case .unknownAlgorithm(let algorithm): "the page counts by algorithm \(algorithm.rawValue), which is not known"
    case .foreignCounter: "the page counts by a counter of another architecture, or one that programs cannot read here"
    case .busy: "the page was being changed at each attempt, or its writer stopped in the middle: ask the kernel"
    }
  }
}

extension TimekeepAlgorithm {
  fileprivate var device: String {
    switch self {
    case .hpet: "the HPET, whose registers are mapped from /dev/hpet0 on FreeBSD alone"
    case .hyperV: "Hyper-V's reference counter, whose scale is mapped from /dev/hv_tsc on FreeBSD alone"
    default: "the hypervisor's clock, whose state is mapped from /dev/pvclock on FreeBSD alone"
    }
  }
}
