// SPDX-License-Identifier: Apache-2.0

public import MappedELF

/// The names of one architecture's vDSO functions, and which of them Linux serves.
public struct VDSOCatalog: Sendable {
  /// The architecture's usual name.
  public let architecture: StaticString
  public let machine: Machine
  /// The class of its images, or nil if both have the same names.
  public let elfClass: ELFClass?
  public let prefix: VDSOPrefix
  /// The version of every function.
  public let version: StaticString
  private let linux: UInt16

  /// The functions that Linux defines for the architecture; which of them a kernel serves depends on its age.
  public var linuxFunctions: [VDSOFunction] {
    VDSOFunction.allCases.filter { linux & $0.bit != 0 }
  }

  /// Whether a vDSO of this architecture may define the function: Linux's, or one of this project's identity functions.
  public func contains(_ function: VDSOFunction) -> Bool {
    functions & function.bit != 0
  }

  /// A set of bits: the functions that it may define.
  var functions: UInt16 {
    linux | ~(VDSOFunction.getpid.bit - 1)
  }

  /// The symbol of a function.
  public func symbolName(_ function: VDSOFunction) -> StaticString {
    function.symbolName(prefix)
  }

  /// The entry for an architecture, or nil if its vDSO isn't known here.
  public static func entry(machine: Machine, elfClass: ELFClass) -> VDSOCatalog? {
    var index = 0
    while let row = row(index) {
      if row.machine == machine, row.elfClass ?? elfClass == elfClass { return row }
      index += 1
    }
    return nil
  }

  private init(
    _ architecture: StaticString, _ machine: Machine, _ elfClass: ELFClass?, _ prefix: VDSOPrefix,
    _ version: StaticString, _ functions: UInt16
  ) {
    self.architecture = architecture
    self.machine = machine
    self.elfClass = elfClass
    self.prefix = prefix
    self.version = version
    linux = functions
  }

  /// All architectures, as Linux 6.18 defines them.
  public static let all: [VDSOCatalog] = {
    var rows: [VDSOCatalog] = []
    while let next = row(rows.count) { rows.append(next) }
    return rows
  }()

  /// A row of the table; nil for an index behind its last. It is a function because an array would be allocated.
  ///
  /// Names and versions are those of the linker scripts, arch/*/vdso.lds.S: x86/entry/vdso (x86_64, x32, i386),
  /// arm64/kernel/vdso, arm/vdso, riscv/kernel/vdso, powerpc/kernel/vdso (vdso64), s390/kernel (vdso64, later vdso),
  /// loongarch/vdso, mips/vdso.
  private static func row(_ index: Int) -> VDSOCatalog? {
    let clocks = VDSOFunction.clockGettime.bit | VDSOFunction.gettimeofday.bit | VDSOFunction.clockGetres.bit
    let wide = VDSOFunction.clockGettime64.bit | VDSOFunction.clockGetres64.bit
    let (time, getcpu, getrandom) = (VDSOFunction.time.bit, VDSOFunction.getcpu.bit, VDSOFunction.getrandom.bit)
    switch index {
    case 0: return VDSOCatalog("x86_64", .x86_64, .bits64, .vdso, "LINUX_2.6", clocks | time | getcpu | getrandom)
    case 1: return VDSOCatalog("x32", .x86_64, .bits32, .vdso, "LINUX_2.6", clocks | time | getcpu)
    case 2: return VDSOCatalog("i386", .i386, .bits32, .vdso, "LINUX_2.6", clocks | wide | time | getcpu)
    case 3: return VDSOCatalog("aarch64", .aarch64, .bits64, .kernel, "LINUX_2.6.39", clocks | getrandom)
    case 4: return VDSOCatalog("arm", .arm, .bits32, .vdso, "LINUX_2.6", clocks | wide)
    case 5: return VDSOCatalog("riscv64", .riscv, .bits64, .vdso, "LINUX_4.15", clocks | getcpu | getrandom)
    case 6: return VDSOCatalog("ppc64", .ppc64, .bits64, .kernel, "LINUX_2.6.15", clocks | time | getcpu | getrandom)
    case 7: return VDSOCatalog("s390x", .s390, .bits64, .kernel, "LINUX_2.6.29", clocks | getcpu | getrandom)
    case 8: return VDSOCatalog("loongarch64", .loongarch, .bits64, .vdso, "LINUX_5.10", clocks | getcpu | getrandom)
    case 9: return VDSOCatalog("mips", .mips, .bits32, .vdso, "LINUX_2.6", clocks | wide)
    case 10: return VDSOCatalog("mips64", .mips, .bits64, .vdso, "LINUX_2.6", clocks)
    default: return nil
    }
  }
}
