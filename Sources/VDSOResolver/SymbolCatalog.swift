public import ELF

/// What Linux calls its vDSO functions on one architecture: a prefix, and the version that they are defined at.
public struct SymbolCatalog: Hashable, Sendable {
  /// What stands before the function's name.
  public var prefix: String
  /// The version of the symbols.
  public var version: String

  /// Returns the catalogue for a machine, or nil where Linux has no vDSO on it.
  ///
  /// From the vDSO's linker scripts of Linux 6.18, arch/*/kernel/vdso and arch/x86/entry/vdso.
  public init?(machine: Machine, elfClass: ELFClass) {
    switch (machine, elfClass) {
    case (.i386, _), (.x86_64, _), (.arm, _), (.mips, _): (prefix, version) = ("__vdso_", "LINUX_2.6")
    case (.aarch64, _): (prefix, version) = ("__kernel_", "LINUX_2.6.39")
    case (.riscv, _): (prefix, version) = ("__vdso_", "LINUX_4.15")
    case (.ppc64, _): (prefix, version) = ("__kernel_", "LINUX_2.6.15")
    case (.s390, _): (prefix, version) = ("__kernel_", "LINUX_2.6.29")
    case (.loongarch, _): (prefix, version) = ("__vdso_", "LINUX_5.10")
    default: return nil
    }
  }

  /// The symbol of a function.
  public func symbol(of function: VDSOFunction) -> String { prefix + function.rawValue }
}
