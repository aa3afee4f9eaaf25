// SPDX-License-Identifier: Apache-2.0

public import ELF

/// Why an auxiliary vector cannot be read or written.
@nonexhaustive
public enum AuxvError: Error, Hashable, Sendable {
  /// The bytes end inside an entry, at this offset.
  case truncatedEntry(offset: Int)
  /// The bytes end, at this offset, without the entry that ends every vector.
  case unterminated(offset: Int)
  /// A key or value is wider than the words of the format.
  case tooWide(AuxiliaryVector.Entry)
  /// The system refused: what was read, and the error.
  case system(Source, errno: Errno)
  /// The core file cannot be read.
  case core(ELFError)
  /// The core file has no note with a vector (`NT_AUXV`).
  case noNote

  /// Where a vector is read from.
  public enum Source: Hashable, Sendable {
    /// `prctl(PR_GET_AUXV)`, since Linux 6.4.
    case kernel
    /// `/proc/PID/auxv`.
    case procfs
  }
}

extension AuxvError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncatedEntry(let offset):
      "auxiliary vector ends inside the entry at offset \(offset): it is truncated, or was read with the wrong word size"
    case .unterminated(let offset):
      "auxiliary vector ends at offset \(offset) without AT_NULL: it is truncated, or was read with the wrong word size"
    case .tooWide(let entry):
      "\(entry.key) with value \(hexadecimal(entry.value)) does not fit into 32 bits"
    case .system(.kernel, let errno):
      "prctl(PR_GET_AUXV) failed (\(errno)): it needs Linux 6.4 or later"
    case .system(.procfs, let errno):
      procfsRefusal(errno)
    case .core(let error):
      "core file: \(error)"
    case .noNote:
      "the file has no NT_AUXV note: pass a core file"
    }
  }
}

private func procfsRefusal(_ errno: Errno) -> String {
  switch errno {
  case .notPermitted, .permissionDenied:
    "you may not read its auxiliary vector: run as its user, or as root with every capability that it has"
  case .noSuchFileOrDirectory, .noSuchProcess: "there is no such process, or /proc is not mounted"
  default:
    "cannot read its auxiliary vector in /proc (\(errno)): "
      + (errno.exceededLimit ?? "check the process id and that /proc is mounted")
  }
}
