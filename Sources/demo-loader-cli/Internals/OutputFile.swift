// SPDX-License-Identifier: Apache-2.0

// Assumes: names handed to the kernel end in a null and live through the call.

import ArgumentParser
import ELF
import Glibc
import Launcher
import ProcessSupport

/// The output of a command: a file, or standard output.
struct OutputFile {
  private let name: String
  private let descriptor: Int32

  static let standard = OutputFile(name: "standard output", descriptor: STDOUT_FILENO)

  private init(name: String, descriptor: Int32) {
    self.name = name
    self.descriptor = descriptor
  }

  /// Opens or creates file `path`; "-" is standard output. The file keeps its contents until `write` is called.
  init(_ path: ByteArgument) throws {
    guard path.text != "-" else {
      self = .standard
      return
    }
    let descriptor = unsafe (path.bytes + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe open($0.baseAddress!, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
      }
    }
    self.init(name: path.text, descriptor: descriptor)
    guard descriptor >= 0 else { throw failure() }
  }

  /// Replaces the file's contents by `data`.
  func write(_ data: [UInt8]) throws {
    if descriptor != STDOUT_FILENO { _ = ftruncate(descriptor, 0) }  // a device has no size to set
    do throws(Errno) { try writeAll(data, to: descriptor) } catch { throw failure(error) }
  }

  /// Flushes printed text to standard output.
  static func flush() throws {
    guard fflush(nil) == 0 else { throw OutputFile.standard.failure() }
  }

  private func failure(_ error: Errno = .current) -> ExitCode {
    StandardError.print("demo-loader: \(SystemError("write \(name.escapingControls)", errno: error))")
    return .failure
  }
}
