// SPDX-License-Identifier: Apache-2.0

/// Which vDSO a program gets in its auxiliary vector.
public enum ProgramVDSO: Hashable, Sendable {
  /// The kernel's own.
  case kernel
  /// None: the entry is left out, and i386's with the way into the kernel; its signal handlers return through the kernel's image.
  case none
  /// One that is mapped already, with the pages that it needs; AT_SYSINFO_EHDR says `header`.
  case mapped(header: UInt64, pages: Range<UInt64>)
}
