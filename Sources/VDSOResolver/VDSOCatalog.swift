public import ELF

/// What the vDSO of one architecture calls its functions, and which of them Linux serves.
public struct VDSOCatalog: Sendable {
  /// The architecture's usual name.
  public let architecture: StaticString
  public let machine: Machine
  /// The class of its images, or nil where both have the same names.
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

  /// The bits of the functions that it may define.
  var functions: UInt16 {
    linux | ~(VDSOFunction.getpid.bit - 1)
  }

  /// The symbol of a function.
  public func symbolName(_ function: VDSOFunction) -> StaticString {
    function.symbolName(prefix)
  }

  /// The entry for an architecture, or nil for one without a vDSO that is known here.
  public static func entry(machine: Machine, elfClass: ELFClass) -> VDSOCatalog? {
    for entry in all where entry.machine == machine && entry.elfClass ?? elfClass == elfClass { return entry }
    return nil
  }

  private init(
    _ architecture: StaticString, _ machine: Machine, _ elfClass: ELFClass?, _ prefix: VDSOPrefix,
    _ version: StaticString, _ functions: [VDSOFunction]
  ) {
    self.architecture = architecture
    self.machine = machine
    self.elfClass = elfClass
    self.prefix = prefix
    self.version = version
    linux = functions.reduce(0) { $0 | $1.bit }
  }

  /// All architectures, as Linux 6.18 defines them.
  public static let all: [VDSOCatalog] = {
    let clocks: [VDSOFunction] = [.clockGettime, .gettimeofday, .clockGetres]
    let wide: [VDSOFunction] = [.clockGettime64, .clockGetres64]
    return [
      VDSOCatalog("x86_64", .x86_64, .bits64, .vdso, "LINUX_2.6", clocks + [.time, .getcpu, .getrandom]),
      VDSOCatalog("x32", .x86_64, .bits32, .vdso, "LINUX_2.6", clocks + [.time, .getcpu]),
      VDSOCatalog("i386", .i386, .bits32, .vdso, "LINUX_2.6", clocks + wide + [.time, .getcpu]),
      VDSOCatalog("aarch64", .aarch64, .bits64, .kernel, "LINUX_2.6.39", clocks + [.getrandom]),
      VDSOCatalog("arm", .arm, .bits32, .vdso, "LINUX_2.6", clocks + wide),
      VDSOCatalog("riscv64", .riscv, .bits64, .vdso, "LINUX_4.15", clocks + [.getcpu, .getrandom]),
      VDSOCatalog("ppc64", .ppc64, .bits64, .kernel, "LINUX_2.6.15", clocks + [.time, .getcpu, .getrandom]),
      VDSOCatalog("s390x", .s390, .bits64, .kernel, "LINUX_2.6.29", clocks + [.getcpu, .getrandom]),
      VDSOCatalog("loongarch64", .loongarch, .bits64, .vdso, "LINUX_5.10", clocks + [.getcpu, .getrandom]),
      VDSOCatalog("mips", .mips, .bits32, .vdso, "LINUX_2.6", clocks + wide),
      VDSOCatalog("mips64", .mips, .bits64, .vdso, "LINUX_2.6", clocks),
    ]
  }()
}
