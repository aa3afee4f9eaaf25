/// The Swift source that carries the images into the package.
enum EmbeddedSource {
  /// Returns a file that extends `VDSOImages` with one constant per image, each `count` bytes, padded with zeros.
  static func text(_ images: [(name: String, bytes: [UInt8])], pageSize: Int) -> String {
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
    return text + "}\n"
  }
}
