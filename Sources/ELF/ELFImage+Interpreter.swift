// SPDX-License-Identifier: Apache-2.0

extension ELFImage {
  /// The longest path that the kernel takes, its null included. The corresponding C constant is `PATH_MAX`.
  private static let longestPath: UInt64 = 4096

  /// The path of the program interpreter, or nil if the program names none. The corresponding C constant is `PT_INTERP`.
  ///
  /// Bytes that are not UTF-8 are repaired: use `interpreterBytes()` to open the file. Throws what `interpreterBytes()` throws.
  public func interpreter() throws(ELFError) -> String? {
    guard let path = try interpreterBytes() else { return nil }
    return String(decoding: path, as: UTF8.self)
  }

  /// The bytes of the interpreter's path without the final null, or nil if the program names none.
  ///
  /// Throws `.unterminated` for a path without a null at its end, or one that is empty or longer than 4096 bytes.
  public func interpreterBytes() throws(ELFError) -> [UInt8]? {
    guard let segment = try programHeaders().first(where: { $0.type == .interpreter }) else { return nil }
    guard segment.fileSize >= 2, segment.fileSize <= Self.longestPath else {
      throw .unterminated(.interpreter, offset: segment.fileOffset)
    }
    let path = try bytes(.interpreter, at: segment.fileOffset, count: segment.fileSize)
    guard path.last == 0, let end = path.firstIndex(of: 0), end > 0 else {
      throw .unterminated(.interpreter, offset: segment.fileOffset)
    }
    return Array(path[..<end])
  }
}
