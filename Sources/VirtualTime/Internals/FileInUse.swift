// SPDX-License-Identifier: Apache-2.0

// Socket files and their owners.
//
// Assumes nothing: paths are passed to the C library for the call alone.

import CLinux
import Glibc
import ProcessSupport

/// A socket's file that exists already.
enum FileInUse {
  /// Whether it is a socket at which no process listens.
  static func isAbandoned(_ path: [UInt8]) -> Bool {
    do throws(SystemError) {
      _ = try PacketSocket(connectedTo: .file(path))
      return false
    } catch {
      return error.errno == .connectionRefused && identity(path)?.isSocket == true
    }
  }

  /// Removes the files of this user's sessions that have ended.
  static func removeAbandoned(in folder: String) {
    unsafe folder.withCString { folder in
      unsafe SessionName.filePrefix.withCString { prefix in
        unsafe SessionName.abstractPrefix.withCString { unsafe linux_remove_abandoned(folder, prefix, $0) }
      }
    }
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == 0o040000
  }

  static var ownUser: UInt32 { geteuid() }

  /// The user of a process; nil if there is none.
  static func user(ofProcess process: Int32) -> UInt32? {
    var status = stat()
    return unsafe stat("/proc/\(process)", &status) == 0 ? status.st_uid : nil
  }

  /// The absolute path.
  static func absolutePath(_ path: [UInt8]) -> [UInt8] {
    guard path.first != UInt8(ascii: "/"), let folder = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(folder) }
    return unsafe UnsafeRawBufferPointer(start: folder, count: strlen(folder)).map { $0 } + [UInt8(ascii: "/")] + path
  }

  /// What distinguishes a file from another one that has taken its name.
  struct Identity: Equatable {
    fileprivate let device: UInt64
    fileprivate let number: UInt64
    let isSocket: Bool
  }

  /// The file of that name; nil if there is none.
  static func identity(_ path: [UInt8]) -> Identity? {
    var status = stat()
    guard unsafe withName(path, { unsafe lstat($0, &status) }) == 0 else { return nil }
    return Identity(
      device: UInt64(status.st_dev), number: UInt64(status.st_ino), isSocket: status.st_mode & S_IFMT == 0o140000)
  }

  /// Removes the file, unless another one has its name now.
  static func remove(_ path: [UInt8], _ file: Identity?) {
    guard let file, identity(path) == file else { return }
    _ = unsafe withName(path) { unsafe unlink($0) }
  }

  private static func withName<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    unsafe (path + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe body($0.baseAddress!) }
    }
  }
}
