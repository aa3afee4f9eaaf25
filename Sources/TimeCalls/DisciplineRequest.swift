// SPDX-License-Identifier: Apache-2.0

/// A request made by `adjtimex`.
struct DisciplineRequest {
  /// The bits ADJ_*, of which the last two are those of adjtime.
  fileprivate enum Mode {
    static let offset: Int64 = 0x1
    static let frequency: Int64 = 0x2
    static let maximumError: Int64 = 0x4
    static let estimatedError: Int64 = 0x8
    static let status: Int64 = 0x10
    static let constant: Int64 = 0x20
    static let tai: Int64 = 0x80
    static let setOffset: Int64 = 0x100
    static let microseconds: Int64 = 0x1000
    static let nanoseconds: Int64 = 0x2000
    static let tick: Int64 = 0x4000
    static let all: Int64 = 0x71bf
    static let adjtime: Int64 = 0x8001
    static let readAdjtime: Int64 = 0xa001
  }

  private let bytes: [UInt8]
  private let format: TimexFormat
  let modes: Int64

  init(_ bytes: [UInt8], _ format: TimexFormat) {
    (self.bytes, self.format) = (bytes, format)
    modes = format.value(.modes, in: bytes) & 0xffff_ffff
  }

  var isAdjtime: Bool { modes & 0x8000 != 0 }

  /// Whether it changes anything.
  var sets: Bool { modes != 0 && modes != Mode.readAdjtime }

  var isValid: Bool {
    if isAdjtime { return modes == Mode.adjtime || modes == Mode.readAdjtime }
    guard modes & ~Mode.all == 0 else { return false }
    if has(Mode.tick), !(9000...11_000).contains(self[.tick]) { return false }
    let isFraction = (0..<(has(Mode.nanoseconds) ? 1_000_000_000 : 1_000_000)).contains(self[.fraction])
    return !has(Mode.setOffset) || (isFraction && abs(Int128(self[.seconds])) < 9_000_000_000)
  }

  /// The nanoseconds by which the request moves the date at once.
  var step: Int64 {
    guard has(Mode.setOffset), !isAdjtime else { return 0 }
    return self[.seconds] * 1_000_000_000 + self[.fraction] * (has(Mode.nanoseconds) ? 1 : 1000)
  }

  fileprivate func has(_ mode: Int64) -> Bool { modes & mode != 0 }
  fileprivate subscript(field: TimexFormat.Field) -> Int64 { format.value(field, in: bytes) }
}

extension Discipline {
  /// MAXPHASE, MAXFREQ_SCALED, NTP_PHASE_LIMIT, MAXTC and MAX_TAI_OFFSET.
  private static let limits: (offset: Int64, frequency: Int64, error: Int64, constant: Int64, tai: Int64) =
    (500_000_000, 32_768_000, 16_000_000, 10, 100_000)

  var isUnsynchronized: Bool { status & Status.unsynchronized != 0 }

  /// The offset that is still to be applied, in the unit of `adjtimex`.
  var offset: Int64 { remaining / (isInNanoseconds ? 1 : 1000) }

  /// Applies a valid request, except for its step. Returns the seconds by which TAI moves ahead.
  mutating func apply(_ request: DisciplineRequest, at uptime: Int64) -> Int64 {
    typealias Mode = DisciplineRequest.Mode
    guard request.sets else { return 0 }
    guard !request.isAdjtime else {
      work(off: min(max(request[.offset], -2_000_000_000), 2_000_000_000) * 1000, at: uptime)
      return 0
    }
    if request.has(Mode.status) {
      status = status & Status.readOnly | Int32(truncatingIfNeeded: request[.status]) & ~Status.readOnly
    }
    if request.has(Mode.nanoseconds) { status |= Status.nanoseconds }
    if request.has(Mode.microseconds) { status &= ~Status.nanoseconds }
    if request.has(Mode.frequency) {
      frequency = min(max(request[.frequency], -Self.limits.frequency), Self.limits.frequency)
    }
    if request.has(Mode.maximumError) { maximumError = min(max(request[.maximumError], 0), Self.limits.error) }
    if request.has(Mode.estimatedError) { estimatedError = min(max(request[.estimatedError], 0), Self.limits.error) }
    if request.has(Mode.constant) {
      let wanted = min(max(request[.constant], 0), Self.limits.constant)
      constant = min(wanted + (isInNanoseconds ? 0 : 4), Self.limits.constant)
    }
    var leapSeconds: Int64 = 0
    if request.has(Mode.tai), (0...Self.limits.tai).contains(request[.constant]) {
      leapSeconds = request[.constant] - tai
      tai = request[.constant]
    }
    if request.has(Mode.offset), status & Status.loop != 0 {
      let limit = Self.limits.offset
      let offset = min(max(request[.offset], -limit), limit)
      work(off: min(max(offset * (isInNanoseconds ? 1 : 1000), -limit), limit), at: uptime)
    }
    if request.has(Mode.tick) { tick = request[.tick] }
    return leapSeconds
  }

  private mutating func work(off nanoseconds: Int64, at uptime: Int64) {
    (remaining, remainingSince) = (nanoseconds, uptime)
  }

  /// The structure that is returned for a request.
  func bytes(_ format: TimexFormat, _ request: DisciplineRequest, date: Int64, offset: Int64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: format.byteCount)
    let (seconds, nanoseconds) = date.quotientAndRemainder(dividingBy: 1_000_000_000)
    for (field, value) in [
      (.modes, request.modes), (.offset, offset), (.frequency, frequency), (.maximumError, maximumError),
      (.estimatedError, estimatedError), (.status, Int64(status)), (.constant, constant), (.precision, 1),
      (.tolerance, Self.limits.frequency), (.seconds, seconds),
      (.fraction, isInNanoseconds ? nanoseconds : nanoseconds / 1000), (.tick, tick), (.tai, tai),
    ] as [(TimexFormat.Field, Int64)] {
      format.store(value, field, in: &bytes)
    }
    return bytes
  }
}
