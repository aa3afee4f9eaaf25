// SPDX-License-Identifier: Apache-2.0

extension VDSOImages.Architecture {
  /// The one that this program is compiled for.
  public static var native: VDSOImages.Architecture {
    #if arch(x86_64)
      x86_64
    #elseif arch(i386)
      i386
    #elseif arch(arm64)
      aarch64
    #elseif arch(riscv64)
      riscv64
    #endif
  }
}
