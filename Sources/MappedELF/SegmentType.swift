// SPDX-License-Identifier: Apache-2.0

/// The purpose of a segment. An open set; the corresponding C constants are `PT_*`.
public struct SegmentType: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// An unused entry. The corresponding C constant is `PT_NULL`.
  public static let null = SegmentType(rawValue: 0)
  /// A part of the file that is mapped. The corresponding C constant is `PT_LOAD`.
  public static let load = SegmentType(rawValue: 1)
  /// The dynamic table. The corresponding C constant is `PT_DYNAMIC`.
  public static let dynamic = SegmentType(rawValue: 2)
  /// The path of the program interpreter. The corresponding C constant is `PT_INTERP`.
  public static let interpreter = SegmentType(rawValue: 3)
  /// Notes. The corresponding C constant is `PT_NOTE`.
  public static let note = SegmentType(rawValue: 4)
  /// The program header table itself. The corresponding C constant is `PT_PHDR`.
  public static let programHeaders = SegmentType(rawValue: 6)
  /// The initial image of thread-local storage. The corresponding C constant is `PT_TLS`.
  public static let threadLocalStorage = SegmentType(rawValue: 7)
  /// The unwind table's index. The corresponding C constant is `PT_GNU_EH_FRAME`.
  public static let unwindTable = SegmentType(rawValue: 0x6474_e550)
  /// The stack's protection. The corresponding C constant is `PT_GNU_STACK`.
  public static let stack = SegmentType(rawValue: 0x6474_e551)
  /// The part that becomes read-only after relocation. The corresponding C constant is `PT_GNU_RELRO`.
  public static let readOnlyAfterRelocation = SegmentType(rawValue: 0x6474_e552)
  /// Properties of the program. The corresponding C constant is `PT_GNU_PROPERTY`.
  public static let property = SegmentType(rawValue: 0x6474_e553)
  /// The index of 32-bit ARM's unwind tables. The corresponding C constant is `PT_ARM_EXIDX`.
  public static let armUnwindIndex = SegmentType(rawValue: 0x7000_0001)
}

/// How a segment may be accessed. The corresponding C constants are `PF_X`, `PF_W` and `PF_R`.
public struct SegmentFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The corresponding C constant is `PF_X`.
  public static let execute = SegmentFlags(rawValue: 1)
  /// The corresponding C constant is `PF_W`.
  public static let write = SegmentFlags(rawValue: 2)
  /// The corresponding C constant is `PF_R`.
  public static let read = SegmentFlags(rawValue: 4)
}
