// SPDX-License-Identifier: Apache-2.0

public import ELF
import VDSOResolver

/// What programs, libraries and tools rely on in a vDSO image, rule by rule.
///
/// The rules come from the sources of glibc 2.42, musl 1.2, Go 1.26, rustix 1, Zig 0.15, CRIU 4, rr 5.9 and Linux's own reference parser.
/// Where older versions differ, the rules name them.
public enum ConsumerContract {
  /// All rules, in the order of the checks.
  public static let rules = [readable] + formRules + tableRules + functionRules + toolRules

  /// A rule that an image breaks, and how.
  public struct Violation: Sendable {
    public let rule: ContractRule
    public let finding: String
    /// Whether the only fault is that the image is too old to have a function.
    public let isAbsence: Bool
  }

  /// The rules that an image breaks. If the image can't be read, the only one is `readable`.
  public static func violations(in image: borrowing ELFImage) -> [Violation] {
    let facts: ImageFacts
    do throws(ELFError) {
      facts = try ImageFacts(image)
    } catch {
      return [Violation(rule: readable, finding: "\(error)", isAbsence: false)]
    }
    return rules.compactMap { rule in
      rule.finding(facts).map { finding in
        let isAbsence = rule.newerFunction.map { facts.resolution(of: $0) == .trap(.missingSymbol) } ?? false
        return Violation(rule: rule, finding: finding.escapingControls, isAbsence: isAbsence)
      }
    }
  }

  /// Reading the facts checks this rule, so an image whose facts could be read keeps it.
  private static let readable = ContractRule(
    "readable", "The tables that the image names lie inside it.",
    [ConsumerEffect("glibc, musl, Go, Zig", .crash, "read outside the image, because they check no bounds")]
  ) { _ in nil }
}
