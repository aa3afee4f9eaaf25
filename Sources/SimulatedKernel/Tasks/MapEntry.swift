// SPDX-License-Identifier: Apache-2.0

import CVDSO

/// The permitted accesses to memory. The corresponding C type is `vm_prot_t`, with the constants `VM_PROT_*`.
public struct Protection: OptionSet, Hashable, Sendable {
  public var rawValue: Int32

  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  public static let read = Protection(rawValue: 1)
  public static let write = Protection(rawValue: 2)
  public static let execute = Protection(rawValue: 4)
  /// A bit that permits no access, but is valid in the current protection. The corresponding C constant is `VM_PROT_NOTIFY`.
  public static let notify = Protection(rawValue: 16)
  /// The corresponding C constant is `VM_PROT_ALL`.
  public static let all: Protection = [.read, .write, .execute]
}

/// The memory that a child of a task gets in place of an entry. The corresponding C type is `vm_inherit_t`.
public enum Inheritance: UInt32, Sendable {
  /// The same memory. The corresponding C constant is `VM_INHERIT_SHARE`.
  case share = 0
  /// A copy. The corresponding C constant is `VM_INHERIT_COPY`.
  case copy = 1
  /// Nothing. The corresponding C constant is `VM_INHERIT_NONE`.
  case none = 2
  /// Zeros, as with Linux's `MADV_WIPEONFORK` and BSD's `INHERIT_ZERO`. Mach has no such constant.
  case zero = 3

  /// Takes Mach's number for it; KERN_INVALID_ARGUMENT if it is none of Mach's constants.
  public init(ofMach number: UInt32) throws(KernReturn) {
    guard let inheritance = Inheritance(rawValue: number), inheritance != .zero else { throw .invalidArgument }
    self = inheritance
  }
}

/// One page of an address space that is in use.
public struct MapEntry {
  /// A multiple of the page size, once the entry is in a space.
  public let address: UInt64
  public let object: MemoryObject
  public internal(set) var protection: Protection
  /// The protection up to which the current one can be raised. It never grows.
  public internal(set) var maximumProtection: Protection
  public internal(set) var inheritance: Inheritance

  public init(
    address: UInt64, object: MemoryObject, protection: Protection, maximumProtection: Protection,
    inheritance: Inheritance
  ) {
    self.address = address
    self.object = object
    self.protection = protection
    self.maximumProtection = maximumProtection
    self.inheritance = inheritance
  }

  /// The entry that a child gets; nil for none.
  var inherited: MapEntry? {
    switch inheritance {
    case .share: self
    case .copy: replacing(MemoryObject(object.bytes))
    case .none: nil
    case .zero: replacing(MemoryObject())
    }
  }

  func moved(to address: UInt64) -> MapEntry {
    MapEntry(
      address: address, object: object, protection: protection, maximumProtection: maximumProtection,
      inheritance: inheritance)
  }

  private func replacing(_ object: MemoryObject) -> MapEntry {
    MapEntry(
      address: address, object: object, protection: protection, maximumProtection: maximumProtection,
      inheritance: inheritance)
  }
}
