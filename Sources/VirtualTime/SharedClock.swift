// SPDX-License-Identifier: Apache-2.0

// A clock in memory that forked processes share.
//
// Assumes: the memory is never unmapped; one process at a time changes it; all of them run this same program, so that a value without
// references, as all of these are, has the same meaning in each.

import CLinux
import CVDSO
import TimePages

/// The clock of a session, in memory that the supervisor shares with its standby.
///
/// If a writer ends while it stores a clock, the clock before it stays.
@safe
public struct SharedClock {
  /// A clock without its steps.
  private struct Record {
    var request: TimeRequest
    var start: Int64
    var maps: [12 of ClockMap?]
  }

  /// The steps taken, then the number of the current record, then the two records.
  private let memory: UnsafeMutableRawPointer

  /// Nil if there is no memory.
  public init?() {
    precondition(Int(VDSO_CLOCK_COUNT) == 12)
    guard let memory = unsafe linux_shared_memory(Self.offset(3)) else { return nil }
    unsafe self.memory = memory
  }

  /// The clock that was stored last, with the steps that it has taken; nil before the first.
  public var clock: VirtualClock? {
    let index = unsafe memory.load(fromByteOffset: 8, as: Int.self)
    guard index > 0 else { return nil }
    let record = unsafe memory.load(fromByteOffset: Self.offset(index), as: Record.self)
    var maps: [ClockID: ClockMap] = [:]
    for id in record.maps.indices { maps[ClockID(rawValue: Int32(id))] = record.maps[id] }
    var clock = VirtualClock(maps: maps, start: record.start, request: record.request)
    clock.progress = unsafe memory.load(as: Int64.self)
    return clock
  }

  /// Stores a clock, which `clock` returns from now on.
  public func store(_ clock: VirtualClock) {
    let next = unsafe memory.load(fromByteOffset: 8, as: Int.self) % 2 + 1
    var record = Record(request: clock.request, start: clock.start, maps: .init(repeating: nil))
    for (id, map) in clock.maps { record.maps[Int(id.rawValue)] = map }
    unsafe memory.storeBytes(of: record, toByteOffset: Self.offset(next), as: Record.self)
    unsafe memory.storeBytes(of: next, toByteOffset: 8, as: Int.self)
    storeSteps(of: clock)
  }

  /// Stores the steps that the stored clock has taken.
  public func storeSteps(of clock: VirtualClock) {
    unsafe memory.storeBytes(of: clock.progress, as: Int64.self)
  }

  private static func offset(_ index: Int) -> Int { 16 + MemoryLayout<Record>.stride * (index - 1) }
}
