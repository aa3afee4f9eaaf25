// SPDX-License-Identifier: Apache-2.0

// What swift-argument-parser uses of FoundationEssentials, under its name: a module that takes the place of the toolchain's in
// demo-loader-cli, which would be a third larger otherwise.

public protocol LocalizedError: Error {
  var errorDescription: String? { get }
}

extension LocalizedError {
  public var errorDescription: String? { nil }
}

public struct Data {
  fileprivate var text: String
}

extension String {
  public enum Encoding {
    case utf8
  }

  /// The text that has been encoded.
  public init?(data: Data, encoding: Encoding) { self = data.text }
}

public final class JSONEncoder {
  public struct OutputFormatting: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) {
      self.rawValue = rawValue
    }

    public static let prettyPrinted = OutputFormatting(rawValue: 1)
    public static let sortedKeys = OutputFormatting(rawValue: 2)
  }

  /// Has no effect: the text always has lines and sorted keys.
  public var outputFormatting: OutputFormatting = []

  public init() {}

  public func encode(_ value: some Encodable) throws -> Data {
    Data(text: try JSONTree(value).text(escapesSlashes: true))
  }
}
