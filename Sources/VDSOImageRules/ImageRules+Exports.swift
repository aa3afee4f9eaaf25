// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
  import ELF

  extension ImageRules {
    private static let clocks = ["gettimeofday", "clock_gettime", "time", "clock_getres"]
    private static let identities = ["getpid", "getppid", "getuid", "geteuid", "getgid", "getegid"]

    /// The names that an image for `machine` exports, and the version of each: Linux's, and the project's own.
    static func exports(of machine: Machine) -> [String: String] {
      let common = clocks + identities
      switch machine {
      case .i386:
        return names("__vdso_", common + ["clock_gettime64", "getcpu"], "LINUX_2.6")
          .merging(names("__kernel_", ["vsyscall", "sigreturn", "rt_sigreturn"], "LINUX_2.5")) { $1 }
      case .x86_64:
        return names("__vdso_", common + ["getcpu", "getrandom"], "LINUX_2.6")
          .merging(names("", clocks + ["getcpu", "getrandom"], "LINUX_2.6")) { $1 }
      case .aarch64:
        return names("__kernel_", common + ["getrandom", "rt_sigreturn"], "LINUX_2.6.39")
      case .riscv:
        return names(
          "__vdso_", common + ["getcpu", "getrandom", "rt_sigreturn", "riscv_hwprobe", "flush_icache"], "LINUX_4.15")
      default:
        return [:]
      }
    }

    private static func names(_ prefix: String, _ names: [String], _ version: String) -> [String: String] {
      Dictionary(uniqueKeysWithValues: names.map { (prefix + $0, version) })
    }
  }
#endif
