// SPDX-License-Identifier: Apache-2.0

/// Memory in which every address is safe to try: a running process's, or what a core file keeps of one.
public protocol ReadableMemory: ~Copyable {
  /// At most `count` bytes from `address`: fewer where the readable memory ends, none where the address is bad.
  func bytes(at address: UInt64, count: Int) -> [UInt8]
}

extension ReadableMemory where Self: ~Copyable {
  /// The string at `address` without its null, or nil if it is unreadable or longer than `limit` bytes.
  public func string(at address: UInt64, limit: Int = 4096) -> [UInt8]? {
    let bytes = bytes(at: address, count: limit)
    guard let end = bytes.firstIndex(of: 0) else { return nil }
    return Array(bytes[..<end])
  }
}
