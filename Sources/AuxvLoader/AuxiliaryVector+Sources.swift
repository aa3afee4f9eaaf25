// SPDX-License-Identifier: Apache-2.0

public import ELF

extension AuxiliaryVector {
  /// The vector of this process, from the kernel, or from `/proc/self/auxv` before Linux 6.4.
  ///
  /// The corresponding C constant is `PR_GET_AUXV`.
  public static func current() throws(AuxvError) -> AuxiliaryVector {
    do throws(AuxvError) {
      return try current(from: .kernel)
    } catch {
      return try current(from: .procfs)
    }
  }

  /// The vector of this process from one source alone.
  public static func current(from source: AuxvError.Source) throws(AuxvError) -> AuxiliaryVector {
    let bytes =
      switch source {
      case .kernel: try bytesFromKernel()
      case .procfs: try bytesFromProcfs(path: "/proc/self/auxv")
      }
    return try AuxiliaryVector(decoding: bytes, as: .native)
  }

  /// The vector of a process, 32- or 64-bit, and the format that it has there.
  ///
  /// The caller needs the right to trace the process (`PTRACE_MODE_READ`). A kernel thread or zombie has no vector: it
  /// gives `.unterminated`.
  public static func ofProcess(_ pid: Int32) throws(AuxvError) -> (vector: AuxiliaryVector, format: Format) {
    let bytes = try bytesFromProcfs(path: "/proc/\(pid)/auxv")
    let format = Format(guessingFrom: bytes)
    return (try AuxiliaryVector(decoding: bytes, as: format), format)
  }

  /// The vector that a core file keeps, of any class and byte order, Linux's or FreeBSD's.
  ///
  /// Throws `.noNote` if the image has no vector, and `.core` if it is damaged.
  /// The corresponding C constants are `NT_AUXV` and `NT_FREEBSD_PROCSTAT_AUXV`.
  public init(ofCore image: borrowing ELFImage) throws(AuxvError) {
    let notes: [Note]
    do throws(ELFError) {
      notes = try image.notes()
    } catch {
      throw .core(error)
    }
    try self.init(notes, Format(image.header.elfClass, image.header.byteOrder))
  }

  /// The vector among the notes of a core file. Throws `.noNote` if there is none.
  public init(ofCore core: CoreMemory) throws(AuxvError) {
    try self.init(core.notes, Format(core.header.elfClass, core.header.byteOrder))
  }

  private init(_ notes: [Note], _ format: Format) throws(AuxvError) {
    if let note = notes.first(where: { $0.type == 6 && $0.name == "CORE" }) {
      try self.init(decoding: note.descriptor, as: format)
    } else if let note = notes.first(where: { $0.type == 16 && $0.name == "FreeBSD" }) {
      // The size of an entry comes first, as 32 bits.
      try self.init(decoding: Array(note.descriptor.dropFirst(4)), as: format)
    } else {
      throw .noNote
    }
  }
}
