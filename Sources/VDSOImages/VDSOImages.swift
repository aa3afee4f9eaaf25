// SPDX-License-Identifier: Apache-2.0

/// The vDSO images that this package builds from VDSO/, one page each.
public enum VDSOImages {
  /// The architectures that there are images for.
  public enum Architecture: String, CaseIterable, Sendable {
    case i386
    case x86_64
    case aarch64
    case riscv64

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

    /// From the start of one page of the mapping to that of the next, in bytes: kernels for AArch64 map in units of up to 64 KiB.
    ///
    /// The corresponding C constant is `VDSO_PAGE_STRIDE`.
    public var pageStride: UInt64 { self == .aarch64 ? 65536 : 4096 }
  }

  /// How a function of the page falls back where the page can't answer.
  public enum Flavor: String, CaseIterable, Sendable {
    /// By a Linux system call.
    case linux
    /// By returning ENOSYS, so that the libc makes its remote procedure call: for GNU Mach on i386, which has no gate
    /// at int 0x80.
    case mach
  }

  /// What DT_SONAME says in the image for `architecture`: Linux's own name, by which sanitizers, ldd and debuggers know a
  /// vDSO. The note that names the Mach header marks an image as ours.
  public static func soname(for architecture: Architecture) -> String {
    architecture == .i386 ? "linux-gate.so.1" : "linux-vdso.so.1"
  }

  /// Returns the image for `architecture`, or nil if it doesn't come in `flavor`.
  ///
  /// One page, `VDSO_PAGE_SIZE` bytes: an ELF file padded with zeros. The Mach header and the host's entry points are
  /// empty: a producer fills them.
  public static func page(for architecture: Architecture, flavor: Flavor = .linux) -> [UInt8]? {
    switch (architecture, flavor) {
    case (.i386, .linux): bytes(i386Bytes)
    case (.i386, .mach): bytes(i386MachBytes)
    case (.x86_64, .linux): bytes(x86_64Bytes)
    case (.aarch64, .linux): bytes(aarch64Bytes)
    case (.riscv64, .linux): bytes(riscv64Bytes)
    default: nil
    }
  }

  /// Returns how many bytes the ELF file in `page(for:flavor:)` has before the padding, or nil as there.
  public static func fileSize(for architecture: Architecture, flavor: Flavor = .linux) -> Int? {
    switch (architecture, flavor) {
    case (.i386, .linux): i386ByteCount
    case (.i386, .mach): i386MachByteCount
    case (.x86_64, .linux): x86_64ByteCount
    case (.aarch64, .linux): aarch64ByteCount
    case (.riscv64, .linux): riscv64ByteCount
    default: nil
    }
  }

  private static func bytes<let count: Int>(_ page: InlineArray<count, UInt8>) -> [UInt8] {
    page.indices.map { page[$0] }
  }
}
