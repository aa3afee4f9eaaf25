// SPDX-License-Identifier: Apache-2.0

import ELF
import Glibc
import MappedELF

/// An open file that may be executed, with its first bytes.
///
/// When the kernel opens a file for execution, it checks permissions. This type makes the same checks with the effective ids.
struct ProgramFile: ~Copyable {
  /// How many bytes the kernel reads to distinguish formats. The corresponding C constant is `BINPRM_BUF_SIZE`.
  static let prefixSize = 256

  let path: [UInt8]
  /// The scripts or programs that named this file, outermost first.
  let neededBy: [[UInt8]]
  let file: OpenFile
  let size: UInt64
  let prefix: [UInt8]

  /// `isExecuted` says that this process is going to execute the file, and not only to look at it.
  init(path: [UInt8], neededBy: [[UInt8]] = [], isExecuted: Bool = true) throws(LoadError) {
    do throws(LoadError.Reason) {
      // With O_NONBLOCK a FIFO is refused later, and opening it doesn't wait.
      let file = try Self.open(path)
      let size = try Self.checkedSize(of: file)
      if isExecuted {
        try Self.checkPermission(path)
        try Self.checkNotOpenForWriting(file)
      }
      let prefix = try Self.prefix(of: file)
      guard !prefix.isEmpty else { throw .empty }
      self.init(path: path, neededBy: neededBy, file: file, size: size, prefix: prefix)
    } catch {
      throw LoadError(path: path, reason: error, neededBy: neededBy)
    }
  }

  private init(path: [UInt8], neededBy: [[UInt8]], file: consuming OpenFile, size: UInt64, prefix: [UInt8]) {
    self.path = path
    self.neededBy = neededBy
    self.file = file
    self.size = size
    self.prefix = prefix
  }

  func error(_ reason: LoadError.Reason) -> LoadError {
    LoadError(path: path, reason: reason, neededBy: neededBy)
  }

  private static func open(_ path: [UInt8]) throws(LoadError.Reason) -> OpenFile {
    do throws(Errno) {
      return try Kernel.open(path, flags: O_RDONLY | O_NONBLOCK)
    } catch {
      guard error == .permissionDenied else { throw .file(errno: error) }
      // The file can't be read. If it may not be executed either, that is the error.
      try checkPermission(path)
      throw .unreadable
    }
  }

  private static func checkedSize(of file: borrowing OpenFile) throws(LoadError.Reason) -> UInt64 {
    let status: (mode: UInt32, size: UInt64)
    do throws(Errno) { status = try file.status() } catch { throw .file(errno: error) }
    switch status.mode & S_IFMT {
    case S_IFREG: return status.size
    case S_IFDIR: throw .directory
    default: throw .notRegularFile
    }
  }

  private static func prefix(of file: borrowing OpenFile) throws(LoadError.Reason) -> [UInt8] {
    do throws(Errno) { return try file.read(at: 0, count: prefixSize) } catch { throw .file(errno: error) }
  }

  private static func checkPermission(_ path: [UInt8]) throws(LoadError.Reason) {
    do throws(Errno) {
      try Kernel.checkExecutable(path)
    } catch {
      guard error == .permissionDenied else { throw .file(errno: error) }
      throw Kernel.isMountedNoExec(path) ? .mountedNoExec : .notExecutable
    }
  }

  private static func checkNotOpenForWriting(_ file: borrowing OpenFile) throws(LoadError.Reason) {
    if file.isOpenForWriting { throw .openForWriting }
  }
}

extension ProgramFile {
  /// Whether it begins as ELF images do.
  var isELF: Bool {
    ELFIdentification.begins(prefix)
  }
}

extension LoadError.Reason: Error {}

extension LoadError {
  init(path: [UInt8], reason: Reason, neededBy: [[UInt8]] = []) {
    self.init(
      path: String(decoding: path, as: UTF8.self), reason: reason,
      neededBy: neededBy.reversed().map { String(decoding: $0, as: UTF8.self) })
  }
}
