import ELF

extension ImageRules {
  /// What this project's images call themselves.
  static let soname = "swift-vdso.so.1"

  static func checkSymbols(
    _ symbols: DynamicSymbols, _ header: ELFHeader, end: UInt64
  ) throws(ELFError) -> [ImageViolation] {
    var found: [ImageViolation] = []
    if symbols.soname != soname {
      found.append(ImageViolation(.soname, "\(symbols.soname ?? "none")"))
    }
    let defined = try symbols.defined()
    if defined.count != symbols.count - 1 {
      found.append(ImageViolation(.nothingUndefined, "\(symbols.count - 1 - defined.count) symbols"))
    }
    for symbol in defined {
      let isWhole = symbol.value < end && symbol.size <= end - symbol.value && symbol.size >= 16
      if symbol.type != .function || !isWhole || symbol.version != version(of: symbol.name, header.machine) {
        found.append(
          ImageViolation(
            .functions, "\(symbol.name) at \(symbol.value), \(symbol.size) bytes, \(symbol.version ?? "-")"))
      }
    }
    for name in required(header.machine) where !defined.contains(where: { $0.name == name }) {
      found.append(ImageViolation(.requiredSymbols, "\(name) is missing"))
    }
    return found
  }

  /// The version that Linux defines `name` at, on one of the four architectures.
  private static func version(of name: String, _ machine: Machine) -> String {
    switch machine {
    case .i386: name.hasPrefix("__kernel_") ? "LINUX_2.5" : "LINUX_2.6"
    case .aarch64: "LINUX_2.6.39"
    case .riscv: "LINUX_4.15"
    default: "LINUX_2.6"
    }
  }

  private static func required(_ machine: Machine) -> [String] {
    let prefix = machine == .aarch64 ? "__kernel_" : "__vdso_"
    let common = ["clock_gettime", "gettimeofday", "time", "clock_getres", "getpid"].map { prefix + $0 }
    switch machine {
    case .i386:
      return common + [
        "__vdso_clock_gettime64", "__kernel_vsyscall", "__kernel_sigreturn", "__kernel_rt_sigreturn",
      ]
    case .aarch64: return common + ["__kernel_rt_sigreturn"]
    default: return common + ["__vdso_getcpu"]
    }
  }
}
