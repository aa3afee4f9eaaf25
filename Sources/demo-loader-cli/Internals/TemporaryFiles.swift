// SPDX-License-Identifier: Apache-2.0

// Temporary files for other programs.
//
// Assumes: names and bytes handed to the kernel live through the calls; the template of mkdtemp ends in a null.

import Glibc
import ProcessSupport

/// A new directory in $TMPDIR, or else in /tmp, that only this user can read. It is removed together with this value.
final class TemporaryFiles {
  private let directory: String
  private var paths: Set<String> = []

  init() throws(SystemError) {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? ""
    var template = "\(parent.isEmpty ? "/tmp" : parent)/vdso-XXXXXX".utf8CString.map { $0 }
    guard unsafe mkdtemp(&template) != nil else {
      throw SystemError("make a directory in \(parent.isEmpty ? "/tmp" : parent)", errno: .current)
    }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for path in paths { unsafe unlink(path) }
    unsafe rmdir(directory)
  }

  /// The path of a file with this name and these bytes. A file that exists already is left unchanged.
  func file(_ name: String, _ bytes: [UInt8], isExecutable: Bool = false) throws(SystemError) -> String {
    let path = "\(directory)/\(name)"
    guard paths.insert(path).inserted else { return path }
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isExecutable ? 0o700 : 0o600)
    guard file >= 0 else { throw SystemError("make \(path)", errno: .current) }
    defer { close(file) }
    do throws(Errno) { try writeAll(bytes, to: file) } catch { throw SystemError("write \(path)", errno: error) }
    return path
  }
}
