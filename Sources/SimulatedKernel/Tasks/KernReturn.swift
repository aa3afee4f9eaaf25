// SPDX-License-Identifier: Apache-2.0

/// The result of a call of Mach: an error, or KERN_SUCCESS.
///
/// The corresponding C type is `kern_return_t`.
public struct KernReturn: RawRepresentable, Error, Hashable, Sendable {
  public var rawValue: Int32

  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The corresponding C constant is `KERN_SUCCESS`.
  public static let success = KernReturn(rawValue: 0)
  /// Nothing is mapped at an address. The corresponding C constant is `KERN_INVALID_ADDRESS`.
  public static let invalidAddress = KernReturn(rawValue: 1)
  /// The protection, or the maximum protection, forbids it. The corresponding C constant is `KERN_PROTECTION_FAILURE`.
  public static let protectionFailure = KernReturn(rawValue: 2)
  /// The addresses are in use or run out. The corresponding C constant is `KERN_NO_SPACE`.
  public static let noSpace = KernReturn(rawValue: 3)
  /// The corresponding C constant is `KERN_INVALID_ARGUMENT`.
  public static let invalidArgument = KernReturn(rawValue: 4)
  /// The corresponding C constant is `KERN_FAILURE`.
  public static let failure = KernReturn(rawValue: 5)
  /// There is no memory, or no space in a page. The corresponding C constant is `KERN_RESOURCE_SHORTAGE`.
  public static let resourceShortage = KernReturn(rawValue: 6)
  /// The task has ended. The corresponding C constant is `MACH_SEND_INVALID_DEST`.
  public static let invalidDestination = KernReturn(rawValue: 0x1000_0003)
}

extension KernReturn: CustomStringConvertible {
  private static let names = [
    "KERN_SUCCESS", "KERN_INVALID_ADDRESS", "KERN_PROTECTION_FAILURE", "KERN_NO_SPACE", "KERN_INVALID_ARGUMENT",
    "KERN_FAILURE", "KERN_RESOURCE_SHORTAGE",
  ]

  public var description: String {
    self == .invalidDestination
      ? "MACH_SEND_INVALID_DEST"
      : Self.names.indices.contains(Int(rawValue)) ? Self.names[Int(rawValue)] : "kern_return_t \(rawValue)"
  }
}
