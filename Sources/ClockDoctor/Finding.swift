// SPDX-License-Identifier: Apache-2.0

/// One finding of a diagnosis.
public struct Finding: Hashable, Codable, Sendable {
  /// How bad it is.
  public enum Severity: String, Codable, Sendable {
    /// As it should be.
    case good
    /// Worth knowing; costs little, or can't be helped.
    case note
    /// Makes clock readings slow.
    case slow
  }

  public var severity: Severity
  /// What was found, in one line.
  public var finding: String
  /// What to do, in one line; nil if nothing is to be done.
  public var advice: String?

  public init(_ severity: Severity, _ finding: String, advice: String? = nil) {
    self.severity = severity
    self.finding = finding
    self.advice = advice
  }
}
