// SPDX-License-Identifier: Apache-2.0

/// Makes the Swift source that contains the images.
enum EmbeddedSource {
  /// Returns a file that extends `VDSOImages` with one constant per image, each `pageSize` bytes padded with zeros, and with the text of
  /// the C header that describes them.
  static func text(_ images: [(name: String, bytes: [UInt8])], pageSize: Int, header: String) -> String {
    var text = """
      // Made by vdso-image-tool from VDSO/. Each constant is one page.

      extension VDSOImages {

      """
    for (name, bytes) in images {
      let padded = bytes + [UInt8](repeating: 0, count: pageSize - bytes.count)
      text += "  static let \(name)Bytes: InlineArray<\(pageSize), UInt8> = [\n"
      for start in stride(from: 0, to: pageSize, by: 32) {
        text += "    " + padded[start..<start + 32].map(String.init).joined(separator: ", ") + ",\n"
      }
      text += "  ]\n  static let \(name)ByteCount = \(bytes.count)\n\n"
    }
    // No line of C begins with these delimiters.
    return text + "  /// The pages' binary interface in C, vdso.h.\n  public static let header = ##\"\"\"\n" + header
      + "\n\"\"\"##\n}\n"
  }
}
