// SPDX-License-Identifier: Apache-2.0

extension Machine {
  /// The machine that this program is compiled for.
  public static var native: Machine {
    #if arch(x86_64)
      x86_64
    #elseif arch(i386)
      i386
    #elseif arch(arm64)
      aarch64
    #elseif arch(arm)
      arm
    #elseif arch(riscv64)
      riscv
    #else
      Machine(rawValue: 0)
    #endif
  }
}
