// SPDX-License-Identifier: Apache-2.0

/// The vDSO images that this package builds from VDSO/, one page each.
public enum VDSOImages {
  /// The architectures for which there are images.
  public enum Architecture: String, CaseIterable, Sendable {
    case i386
    case x86_64
    case aarch64
    case riscv64

    /// The architecture that this program is compiled for.
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

    /// The distance from one page of the mapping to the next, in bytes: kernels for AArch64 map in units of up to 64 KiB.
    ///
    /// The corresponding C constant is `VDSO_PAGE_STRIDE`.
    public var pageStride: UInt64 { self == .aarch64 ? 65536 : 4096 }
  }

  /// What a function of the page does if the page can't serve a call.
  public enum Flavor: String, CaseIterable, Sendable {
    /// It makes a Linux system call.
    case linux
    /// It returns ENOSYS, so that libc makes its remote procedure call. This is for GNU Mach on i386, which has no gate at int 0x80.
    case mach
  }

  /// The DT_SONAME of the image for `architecture`: Linux's own name, by which sanitizers, ldd and debuggers recognize a vDSO. The note
  /// that names the Mach header marks an image as ours.
  public static func soname(for architecture: Architecture) -> String {
    architecture == .i386 ? "linux-gate.so.1" : "linux-vdso.so.1"
  }

  /// Returns the image for `architecture`, or nil if there is none in `flavor`.
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

  /// Returns the size of the ELF file in `page(for:flavor:)` without the padding; nil if there is no image.
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
    var bytes = [UInt8](repeating: 0, count: count)
    for index in page.indices { bytes[index] = page[index] }
    return bytes
  }
}
