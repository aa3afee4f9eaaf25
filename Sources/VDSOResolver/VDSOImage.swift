// SPDX-License-Identifier: Apache-2.0

public import AuxvLoader
public import ELF
@_exported public import VDSOCalls

/// A vDSO image and its address, of this process or any other, of any architecture.
///
/// A value that holds copies of the image's tables: it may be kept, copied and used from any thread. It does not keep
/// the image mapped.
public struct VDSOImage: Sendable {
  /// The address of the image's first byte in its process.
  public let address: UInt64
  /// The contents of the image.
  public let object: SharedObject
  /// The architecture's names and version, or nil for one that is not known.
  public let catalog: VDSOCatalog?

  /// The image that is, or would be, mapped at `address`: from a file, bytes, a core or another process.
  ///
  /// Throws `.notSharedObject` for a program, or an image without a loadable segment.
  public init(_ object: SharedObject, mappedAt address: UInt64) throws(TrapReason) {
    guard object.header.type == .sharedObject, object.programHeaders.contains(where: { $0.type == .load }) else {
      throw .notSharedObject
    }
    self.address = address
    self.object = object
    catalog = VDSOCatalog.entry(machine: object.header.machine, elfClass: object.header.elfClass)
  }

  /// The image that an auxiliary vector of this process names. The corresponding C constant is `AT_SYSINFO_EHDR`.
  ///
  /// The memory is checked to be readable before it is read, so a wrong vector gives an error and not a signal.
  public init(_ vector: AuxiliaryVector) throws(TrapReason) {
    try self.init(mappedAt: vector[.vdso] ?? 0)
  }

  /// The image that the kernel gave this process.
  public static func current() throws(TrapReason) -> VDSOImage {
    try VDSOImage(mappedAt: AuxvKey.vdso.valueInThisProcess)
  }

  /// The number to add to an address of the image to get the address in the process. It wraps for images linked in the upper half.
  public var loadBias: UInt64 {
    address &- object.baseAddress
  }

  /// Whether this program can call the image's functions.
  public var isNative: Bool {
    ImageKind(
      elfClass: object.header.elfClass, byteOrder: object.header.byteOrder, type: object.header.type,
      machine: object.header.machine
    ).isNative
  }
}
