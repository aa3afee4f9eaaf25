// SPDX-License-Identifier: Apache-2.0

public import ELF

extension CoreMemory: ReadableMemory {}

/// A core file: the auxiliary vector and the memory of the process that left it.
public struct CoreFile {
  public let memory: CoreMemory
  public let vector: AuxiliaryVector

  /// Opens a core file. Throws `.core` for a damaged one, `.noNote` for a file without an auxiliary vector.
  public init(path: String) throws(AuxvError) {
    try self.init(path: Array(path.utf8))
  }

  /// The same for a path of bytes, which need not be UTF-8, without a null.
  public init(path: [UInt8]) throws(AuxvError) {
    do throws(ELFError) {
      memory = try CoreMemory(path: path)
    } catch {
      throw .core(error)
    }
    vector = try AuxiliaryVector(ofCore: memory)
  }

  /// What the vector's numbers mean: FreeBSD's for a core with its ABI number, else Linux's.
  ///
  /// The corresponding C constant is `ELFOSABI_FREEBSD`.
  public var catalog: AuxvCatalog { memory.header.osABI == 9 ? .freeBSD : .linux }
}
