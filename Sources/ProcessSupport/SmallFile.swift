// SPDX-License-Identifier: Apache-2.0

// Files of /proc and /sys.
//
// Assumes: the buffer handed to the kernel is of the size stated.

import CLinux
import LinuxTypes

/// A small file, such as those that the kernel generates in /proc and /sys, read as a whole.
package enum SmallFile {
  /// All bytes of a file. Throws if it can't be opened or read.
  package static func contents(of path: String) throws(SystemError) -> [UInt8] {
    let file = try open(path)
    defer { linux_close(file) }
    var bytes: [UInt8] = []
    while true {
      let read = try read(file, path, at: bytes.count, count: 16_384)
      if read.isEmpty { return bytes }
      bytes += read
    }
  }

  /// The result of one read of 8 KiB, which is all of a file about one task; empty if the file can't be read.
  package static func record(_ path: String) -> [UInt8] {
    guard let file = try? open(path) else { return [] }
    defer { linux_close(file) }
    return (try? read(file, path, at: 0, count: 8192)) ?? []
  }

  private static func open(_ path: String) throws(SystemError) -> Int32 {
    let file = unsafe path.withCString { unsafe linux_open_for_reading($0) }
    guard file >= 0 else { throw SystemError("open \(path)", errno: Errno(result: file)) }
    return file
  }

  private static func read(_ file: Int32, _ path: String, at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
    var result: Int64 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      result = unsafe linux_read_at(file, buffer.baseAddress, count, Int64(offset))
      initialized = Int(max(0, result))
    }
    guard result >= 0 else { throw SystemError("read \(path)", errno: Errno(result: result)) }
    return bytes
  }

  /// The text of a file; nil if it can't be read. Bytes that aren't UTF-8 are replaced.
  package static func text(_ path: String) -> String? {
    (try? contents(of: path)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The first line, without spaces at its ends; nil if there is none.
  package static func line(_ path: String) -> String? {
    guard let first = text(path)?.split(separator: "\n").first else { return nil }
    let words = first.split(separator: " ")
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// The values of the lines "Name: value", by name.
  package static func fields(_ path: String) -> [String: String] {
    var fields: [String: String] = [:]
    for line in (text(path) ?? "").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[String(parts[0])] = String(parts[1].drop { $0 == " " || $0 == "\t" })
    }
    return fields
  }
}
