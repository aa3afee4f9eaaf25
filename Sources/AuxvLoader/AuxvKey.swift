// SPDX-License-Identifier: Apache-2.0

/// The key of an entry in an auxiliary vector.
///
/// An open set: numbers without a name are kept. The meaning of a number depends on the system that wrote it: these names are Linux's, and
/// `AuxvCatalog` has the names, kinds and meanings for each system. The corresponding C constants are `AT_*`.
public struct AuxvKey: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64

  @inlinable
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

extension AuxvKey {
  /// The corresponding C constant is `AT_NULL`.
  public static var null: AuxvKey { AuxvKey(rawValue: 0) }
  /// The corresponding C constant is `AT_IGNORE`.
  public static var ignore: AuxvKey { AuxvKey(rawValue: 1) }
  /// The corresponding C constant is `AT_EXECFD`.
  public static var executableDescriptor: AuxvKey { AuxvKey(rawValue: 2) }
  /// The corresponding C constant is `AT_PHDR`.
  public static var programHeaders: AuxvKey { AuxvKey(rawValue: 3) }
  /// The corresponding C constant is `AT_PHENT`.
  public static var programHeaderEntrySize: AuxvKey { AuxvKey(rawValue: 4) }
  /// The corresponding C constant is `AT_PHNUM`.
  public static var programHeaderCount: AuxvKey { AuxvKey(rawValue: 5) }
  /// The corresponding C constant is `AT_PAGESZ`.
  public static var pageSize: AuxvKey { AuxvKey(rawValue: 6) }
  /// The corresponding C constant is `AT_BASE`.
  public static var interpreterBase: AuxvKey { AuxvKey(rawValue: 7) }
  /// The corresponding C constant is `AT_FLAGS`.
  public static var flags: AuxvKey { AuxvKey(rawValue: 8) }
  /// The corresponding C constant is `AT_ENTRY`.
  public static var entry: AuxvKey { AuxvKey(rawValue: 9) }
  /// The corresponding C constant is `AT_UID`.
  public static var userID: AuxvKey { AuxvKey(rawValue: 11) }
  /// The corresponding C constant is `AT_EUID`.
  public static var effectiveUserID: AuxvKey { AuxvKey(rawValue: 12) }
  /// The corresponding C constant is `AT_GID`.
  public static var groupID: AuxvKey { AuxvKey(rawValue: 13) }
  /// The corresponding C constant is `AT_EGID`.
  public static var effectiveGroupID: AuxvKey { AuxvKey(rawValue: 14) }
  /// The corresponding C constant is `AT_PLATFORM`.
  public static var platform: AuxvKey { AuxvKey(rawValue: 15) }
  /// The corresponding C constant is `AT_HWCAP`.
  public static var hardwareCapabilities: AuxvKey { AuxvKey(rawValue: 16) }
  /// The corresponding C constant is `AT_CLKTCK`.
  public static var clockTicks: AuxvKey { AuxvKey(rawValue: 17) }
  /// The corresponding C constant is `AT_SECURE`.
  public static var secure: AuxvKey { AuxvKey(rawValue: 23) }
  /// The corresponding C constant is `AT_BASE_PLATFORM`.
  public static var basePlatform: AuxvKey { AuxvKey(rawValue: 24) }
  /// The corresponding C constant is `AT_RANDOM`.
  public static var random: AuxvKey { AuxvKey(rawValue: 25) }
  /// The corresponding C constant is `AT_HWCAP2`.
  public static var hardwareCapabilities2: AuxvKey { AuxvKey(rawValue: 26) }
  /// The corresponding C constant is `AT_RSEQ_FEATURE_SIZE`.
  public static var rseqFeatureSize: AuxvKey { AuxvKey(rawValue: 27) }
  /// The corresponding C constant is `AT_RSEQ_ALIGN`.
  public static var rseqAlignment: AuxvKey { AuxvKey(rawValue: 28) }
  /// The corresponding C constant is `AT_HWCAP3`.
  public static var hardwareCapabilities3: AuxvKey { AuxvKey(rawValue: 29) }
  /// The corresponding C constant is `AT_HWCAP4`.
  public static var hardwareCapabilities4: AuxvKey { AuxvKey(rawValue: 30) }
  /// The corresponding C constant is `AT_EXECFN`.
  public static var executablePath: AuxvKey { AuxvKey(rawValue: 31) }
  /// The entry point for system calls on i386. The corresponding C constant is `AT_SYSINFO`.
  public static var systemCallEntry: AuxvKey { AuxvKey(rawValue: 32) }
  /// The vDSO's ELF header. The corresponding C constant is `AT_SYSINFO_EHDR`.
  public static var vdso: AuxvKey { AuxvKey(rawValue: 33) }
  /// The corresponding C constant is `AT_MINSIGSTKSZ`.
  public static var minimumSignalStackSize: AuxvKey { AuxvKey(rawValue: 51) }
  /// FreeBSD's shared page; Linux has this number as `AT_IGNOREPPC`. The corresponding C constant is `AT_TIMEKEEP`.
  public static var freeBSDTimekeep: AuxvKey { AuxvKey(rawValue: 22) }
}

extension AuxvKey: CustomStringConvertible {
  /// Linux's name, or `AT_???(n)` for a number that it has not named.
  public var description: String {
    AuxvCatalog.linux.name(of: self)
  }
}
