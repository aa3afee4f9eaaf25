// SPDX-License-Identifier: Apache-2.0

/// Why a shared time page can't be read; the caller asks the kernel instead.
@nonexhaustive
public enum TimePageError: Error, Hashable, Sendable {
  /// There are fewer bytes than the structure has.
  case tooShort(byteCount: Int, needed: Int)
  /// The page is of a version that this reader does not know.
  case unknownVersion(UInt32)
  /// The kernel has switched the page off.
  case disabled
  /// The index of the current state is outside the ring.
  case badIndex(UInt32)
  /// The time depends on a device that only programs of the page's own system can map.
  case needsDevice(TimekeepAlgorithm)
  /// The number names no counter of this architecture.
  case unknownAlgorithm(TimekeepAlgorithm)
  /// This machine can't read the counter that the page uses.
  case foreignCounter
  /// The writer was at work at each of many attempts, or stopped in the middle.
  case busy
}

extension TimePageError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooShort(let byteCount, let needed): "the page has \(byteCount) bytes, but its structure needs \(needed)"
    case .unknownVersion(let version):
      "the page has version \(version), but only version 1 is known: use the system call"
    case .disabled: "the kernel has switched the page off: use the system call"
    case .badIndex(let index):
      "the page's current state is number \(index) of \(TimekeepFormat.ringCount): it is damaged"
    case .needsDevice(let algorithm): "the page uses \(algorithm.device): use the system call"
    case .unknownAlgorithm(let algorithm):
      "the page uses the unknown algorithm \(algorithm.rawValue): use the system call"
    case .foreignCounter:
      "the page uses a counter of another architecture, or one that programs cannot read here: use the system call"
    case .busy: "the page changed at each attempt, or its writer stopped in the middle: use the system call"
    }
  }
}

extension TimekeepAlgorithm {
  fileprivate var device: String {
    switch self {
    case .hpet: "the HPET, whose registers only FreeBSD maps, from /dev/hpet0"
    case .hyperV: "Hyper-V's reference counter, whose scale only FreeBSD maps, from /dev/hv_tsc"
    default: "the hypervisor's clock, whose state only FreeBSD maps, from /dev/pvclock"
    }
  }
}
