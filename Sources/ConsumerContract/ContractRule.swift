// SPDX-License-Identifier: Apache-2.0

import VDSOResolver

/// What a consumer of vDSO images does if an image breaks a rule that it relies on.
public struct ConsumerEffect: Hashable, Codable, Sendable {
  /// How bad it is.
  public enum Severity: String, Codable, Sendable {
    /// Programs end, or jump to the wrong place.
    case crash
    /// Calls go to the kernel without need.
    case slow
    /// Debuggers, profilers and checkpointing work less well, or not at all.
    case tools
  }

  public var consumer: String
  public var severity: Severity
  /// What happens, as the rest of a sentence that begins with the consumer.
  public var effect: String

  init(_ consumer: String, _ severity: Severity, _ effect: String) {
    self.consumer = consumer
    self.severity = severity
    self.effect = effect
  }
}

/// Something that consumers of vDSO images rely on.
public struct ContractRule: Sendable {
  /// A short name that does not change.
  public let name: String
  /// The property that an image must have.
  public let statement: String
  /// The consumers that rely on it, and the effect on each.
  public let consumers: [ConsumerEffect]
  /// The function that the rule is about, if only newer kernels have it: an image may lack it.
  let newerFunction: VDSOFunction?
  /// What is wrong with an image; nil if it keeps the rule, or the rule doesn't apply to its architecture.
  let finding: @Sendable (ImageFacts) -> String?

  init(
    _ name: String, _ statement: String, _ consumers: [ConsumerEffect], newerFunction: VDSOFunction? = nil,
    finding: @escaping @Sendable (ImageFacts) -> String?
  ) {
    self.name = name
    self.statement = statement
    self.consumers = consumers
    self.newerFunction = newerFunction
    self.finding = finding
  }
}
