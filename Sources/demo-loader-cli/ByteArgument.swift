// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser

/// An argument as bytes, which need not be UTF-8, as those of paths.
///
/// The parser knows only text. Therefore each byte that isn't UTF-8 is passed through it as a character of a private range, and a character
/// that is in that range already is passed as the characters of its bytes: nothing is lost.
public struct ByteArgument: Hashable, Sendable, ExpressibleByArgument {
  public var bytes: [UInt8]

  public init(argument: String) {
    bytes = Self.bytes(of: argument)
  }

  /// The argument as text for messages. Bytes that aren't UTF-8 are replaced.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  public static var defaultCompletionKind: CompletionKind { .file() }

  /// The private range: 256 characters from U+10FF00 on, one for each byte.
  private static let first: UInt32 = 0x10_ff00
  private static let range = first...first + 0xff

  /// An argument in the form that the parser gets.
  static func escaped(_ bytes: [UInt8]) -> String {
    var result = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var position = 0
    while true {
      let length: Int
      switch parser.parseScalar(from: &rest) {
      case .emptyInput: return String(result)
      case .error(let count): length = count
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        length = encoded.count
        if !range.contains(scalar.value) {
          result.append(scalar)
          position += length
          continue
        }
      }
      for byte in bytes[position..<position + length] { result.append(Unicode.Scalar(first + UInt32(byte))!) }
      position += length
    }
  }

  /// The bytes of an argument that the parser got.
  static func bytes(of text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar in
      range.contains(scalar.value) ? [UInt8(scalar.value - first)] : Array(String(scalar).utf8)
    }
  }

  /// A message of the parser's as people should see it.
  static func visible(_ text: String) -> String { String(decoding: bytes(of: text), as: UTF8.self) }
}
