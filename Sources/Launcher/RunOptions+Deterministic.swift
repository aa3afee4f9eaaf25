// SPDX-License-Identifier: Apache-2.0

public import VirtualTime

extension RunOptions {
  /// The clock of a deterministic run without --time: programs that wait for it to move on find that it does.
  public static let deterministicTime = TimeSpecification(
    origin: .date(946_684_800_000_000_000), flow: .step(nanoseconds: 1_000_000))

  /// How long the machine is up when a deterministic run starts, in nanoseconds: a day.
  private static let deterministicUptime: Int64 = 86_400_000_000_000

  /// Has every run find the same clocks, random numbers and addresses.
  ///
  /// A time that was asked for must not depend on the host's: a date, at which the clock stands or from which it goes by steps.
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
    // What contradicts it is left for `conflict` to say.
    strict = strict ?? true
  }

  /// What the host's clocks are taken to be at when the session starts.
  var startInstant: HostInstant {
    guard isDeterministic, case .date(let date)? = time?.specification.origin else { return .current() }
    let uptime = Self.deterministicUptime
    var instant = HostInstant(realtime: date, leapSeconds: 0, uptime: uptime, rawUptime: uptime, sleep: 0)
    instant.hasAlarms = HostInstant.now().hasAlarms
    return instant
  }
}

extension TimeSpecification.Flow {
  /// Whether a clock that flows so never asks the host's.
  fileprivate var isOwn: Bool {
    switch self {
    case .rate: false
    case .frozen, .step: true
    }
  }
}
