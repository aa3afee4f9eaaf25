// SPDX-License-Identifier: Apache-2.0

// Files of /proc and /sys.
//
// The buffer that the kernel fills lives through the call and is as long as it is told.

import CLinux

/// Files of a few kilobytes that the kernel makes up while they are read.
enum SmallFile {
  private static let limit = 16384

  /// The first 16 KiB of the file; nil if it can't be read.
  static func text(_ path: String) -> String? {
    let file = unsafe linux_open_for_reading(path)
    guard file >= 0 else { return nil }
    defer { linux_close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < limit {
      let count = unsafe linux_read_at(file, &buffer, buffer.count, Int64(bytes.count))
      guard count >= 0 else { return nil }
      if count == 0 { break }
      bytes += buffer[..<Int(count)]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The first line, without spaces at its ends; nil if there is none.
  static func line(_ path: String) -> String? {
    guard let first = text(path)?.split(separator: "\n").first else { return nil }
    let words = first.split(separator: " ")
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// The lines "Name: value".
  static func fields(_ path: String) -> [String: String] {
    var fields: [String: String] = [:]
    for line in (text(path) ?? "").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[String(parts[0])] = String(parts[1].drop { $0 == " " || $0 == "\t" })
    }
    return fields
  }
}
