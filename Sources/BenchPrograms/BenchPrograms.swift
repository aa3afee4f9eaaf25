// SPDX-License-Identifier: Apache-2.0

import ELFEditing

/// The programs that time calls, for each width of program that this machine's kernel runs.
///
/// A program is a position-independent ELF executable. Its dynamic linker resolves the C library's functions. Without the entry that names
/// a dynamic linker it runs by itself, and times everything except those functions. Benchmarks/worker defines its arguments and output.
public enum BenchProgram: String, CaseIterable, Sendable {
  case x86_64
  case i386

  /// The bytes of the executable.
  public var bytes: [UInt8] {
    switch self {
    case .x86_64: Self.x86_64Bytes
    case .i386: Self.i386Bytes
    }
  }
}

extension BenchProgram {
  /// The same without the entry that names a dynamic linker, for systems that have no C library of this width.
  public var bytesWithoutInterpreter: [UInt8] {
    var bytes = bytes
    bytes[ELFLayout(bytes).programHeader(.interpreter, in: bytes), 4] = Int(SegmentType.null.rawValue)
    return bytes
  }
}
