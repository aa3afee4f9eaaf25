// SPDX-License-Identifier: Apache-2.0

/// JSON as text, made from any value that can be encoded. Keys are sorted, so that equal values give equal text.
///
/// It replaces FoundationEssentials' encoder, which is a quarter of a static program.
final class JSONTree: Encoder {
  private enum Content {
    case null
    /// A number, `true` or `false`.
    case literal(String)
    case text(String)
    case list
    case object
  }

  private var content = Content.null
  private(set) var elements: [JSONTree] = []
  private var members: [String: JSONTree] = [:]
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(at path: [any CodingKey] = []) {
    codingPath = path
  }

  init(_ value: some Encodable) throws {
    codingPath = []
    try store(value)
  }

  /// Becomes the tree of a value. A floating-point number must be finite, because JSON has no other.
  func store<Value: Encodable>(_ value: Value) throws {
    switch value {
    case let value as String: content = .text(value)
    case let value as Bool: content = .literal(value ? "true" : "false")
    case let value as any BinaryInteger: content = .literal("\(value)")
    case let value as Float: content = try .literal(text(value))
    case let value as Double: content = try .literal(text(value))
    default: try value.encode(to: self)
    }
  }

  func storeNull() { content = .null }

  private func text<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ number: Number) throws -> String {
    guard number.isFinite else {
      throw EncodingError.invalidValue(
        number, EncodingError.Context(codingPath: codingPath, debugDescription: "JSON has no number \(number)"))
    }
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// The tree under a key, which is made here.
  func member(_ key: some CodingKey) -> JSONTree {
    let tree = JSONTree(at: codingPath + [key])
    members[key.stringValue] = tree
    return tree
  }

  /// The next element, which is made here.
  func element() -> JSONTree {
    elements.append(JSONTree(at: codingPath))
    return elements[elements.count - 1]
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    content = .object
    return KeyedEncodingContainer(JSONMembers(tree: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    content = .list
    return JSONElements(tree: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { JSONValue(tree: self) }

  /// The text, with a line for each member and element. A slash may be written with a backslash before it.
  func text(indentation: String = "", escapesSlashes: Bool = false) -> String {
    let inner = indentation + "  "
    switch content {
    case .null: return "null"
    case .literal(let literal): return literal
    case .text(let text): return Self.quoted(text, escapesSlashes)
    case .list:
      let lines = elements.map { inner + $0.text(indentation: inner, escapesSlashes: escapesSlashes) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(indentation)]"
    case .object:
      let lines = members.sorted { $0.key < $1.key }.map { key, tree in
        "\(inner)\(Self.quoted(key, escapesSlashes)) : "
          + tree.text(indentation: inner, escapesSlashes: escapesSlashes)
      }
      return "{\n\(lines.joined(separator: ",\n"))\n\(indentation)}"
    }
  }

  private static func quoted(_ text: String, _ escapesSlashes: Bool) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "/": result += escapesSlashes ? "\\/" : "/"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\0"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
