// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser

/// An argument whose bytes count, as those of paths do: it need not be UTF-8.
///
/// The parser knows only text. So bytes that aren't UTF-8 go through it as characters of a private range, one each, and what is in
/// that range already as the characters of its bytes: nothing is lost.
public struct ByteArgument: Hashable, Sendable, ExpressibleByArgument {
  public var bytes: [UInt8]

  public init(argument: String) {
    bytes = Self.bytes(of: argument)
  }

  /// As people read it: what isn't UTF-8 is repaired.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  public static var defaultCompletionKind: CompletionKind { .file() }

  /// U+10FF00, and so many characters: a byte each.
  private static let first: UInt32 = 0x10_ff00
  private static let range = first...first + 0xff

  /// An argument as the parser gets it.
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

  /// The bytes of what the parser got.
  static func bytes(of text: String) -> [UInt8] {
    text.unicodeScalars.flatMap { scalar in
      range.contains(scalar.value) ? [UInt8(scalar.value - first)] : Array(String(scalar).utf8)
    }
  }

  /// What the parser says, for people.
  static func visible(_ text: String) -> String { String(decoding: bytes(of: text), as: UTF8.self) }
}
