// SPDX-License-Identifier: Apache-2.0

public import VirtualTime

extension RunOptions {
  /// The clock of a deterministic run without --time. It steps, so that a program that waits for the time to change doesn't hang.
  public static let deterministicTime = TimeSpecification(
    origin: .date(946_684_800_000_000_000), flow: .step(nanoseconds: 1_000_000))

  /// The uptime at which a deterministic run starts, in nanoseconds: one day.
  private static let deterministicUptime: Int64 = 86_400_000_000_000

  /// Gives every run the same clocks, random numbers and addresses.
  ///
  /// A requested time must not depend on the host's: it must be a date at which the clock stands or from which it steps.
  mutating func makeDeterministic() throws(ConflictError) {
    let specification = time?.specification ?? Self.deterministicTime
    guard case .date = specification.origin, specification.flow.isOwn else {
      throw ConflictError(
        description:
          "--deterministic needs a clock that doesn't depend on the host's: pass a date that stands still, as in "
          + "--time =2000-01-01T00:00:00Z, or one that steps, as in --time \"@2000-01-01T00:00:00Z step 1s\"")
    }
    guard randomizesAddresses != true else {
      throw ConflictError(description: "--deterministic uses the same addresses each time: omit --aslr")
    }
    time = TimeRequest(specification, scope: .all)
    answeredScope = .all
    randomizesAddresses = false
    isDeterministic = true
    // Contradicting options stay set: `conflict` reports them.
    strict = strict ?? true
  }

  /// The readings of the host's clocks from which the session's clocks start.
  var startInstant: HostInstant {
    guard isDeterministic, case .date(let date)? = time?.specification.origin else { return .current() }
    let uptime = Self.deterministicUptime
    var instant = HostInstant(realtime: date, leapSeconds: 0, uptime: uptime, rawUptime: uptime, sleep: 0)
    instant.hasAlarms = HostInstant.now().hasAlarms
    return instant
  }
}

extension TimeSpecification.Flow {
  /// Whether a clock of this kind never asks the host.
  fileprivate var isOwn: Bool {
    switch self {
    case .rate: false
    case .frozen, .step: true
    }
  }
}
