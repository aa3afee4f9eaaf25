// SPDX-License-Identifier: Apache-2.0

/// The names, value kinds and meanings of one system's auxiliary vector numbers.
public struct AuxvCatalog: Sendable {
  /// What is known of one number.
  public struct Row: Sendable {
    public let key: AuxvKey
    /// The name of the C constant.
    public let name: StaticString
    public let kind: AuxvValueKind
    /// What the value says, as the rest of a sentence that begins with the name.
    public let meaning: StaticString

    init(_ key: UInt64, _ name: StaticString, _ kind: AuxvValueKind, _ meaning: StaticString) {
      self.key = AuxvKey(rawValue: key)
      self.name = name
      self.kind = kind
      self.meaning = meaning
    }
  }

  /// All numbers that have a name, in rising order.
  public let rows: [Row]

  /// What is known of a number, or nil for one without a name.
  public subscript(key: AuxvKey) -> Row? {
    rows.first { $0.key == key }
  }

  /// The name of the C constant, or `AT_???(n)`.
  public func name(of key: AuxvKey) -> String {
    self[key].map { "\($0.name)" } ?? "AT_???(\(key.rawValue))"
  }
}

/// The kind of value that an entry has.
public enum AuxvValueKind: Hashable, Sendable {
  /// Nothing: the value has no meaning.
  case none
  /// An address in the process.
  case address
  /// The address of a null-terminated string in the process.
  case string
  /// The address of 16 bytes in the process.
  case bytes16
  /// A number of things, or of bytes.
  case count
  /// A set of bits.
  case mask
  /// The number of a user or group.
  case identifier
  /// An open file.
  case descriptor
  /// 0 for no, anything else for yes.
  case flag

  /// The notation in which people expect to see the value.
  public enum Form: Hashable, Sendable {
    case decimal
    case hexadecimal
  }

  public var form: Form {
    switch self {
    case .none, .address, .string, .bytes16, .mask: .hexadecimal
    case .count, .identifier, .descriptor, .flag: .decimal
    }
  }

  /// Whether the value leads to something in the process's memory that can be shown.
  public var isFollowable: Bool {
    self == .string || self == .bytes16
  }
}
