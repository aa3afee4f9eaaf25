// SPDX-License-Identifier: Apache-2.0

// The writer's half of the time page.
//
// Assumes that `page` is VDSO_PAGE_SIZE bytes, aligned to it, mapped writable here for the life of the value, and that
// no other code writes there. The maker of a `TimePage` guarantees that; readers only see the page through their own mapping.

import CLinux
public import CVDSO
import LinuxTypes
import Synchronization

/// The writer of a time page: publishes states of all clocks so that readers see each whole or not at all.
///
/// One thread at a time may use it. Never blocks, allocates or calls the system.
@safe
public struct TimePage {
  private let page: UnsafeMutableRawPointer

  /// Takes over the zeroed, writable memory at `page` and makes a time page of it: all clocks trap until `publish`.
  public init(initializing page: UnsafeMutableRawPointer) {
    unsafe self.page = page
    unsafe page.storeBytes(of: UInt32(VDSO_TIME_VERSION), toByteOffset: 4, as: UInt32.self)
    unsafe page.storeBytes(of: UInt32(VDSO_TIME_MAGIC), as: UInt32.self)
  }

  /// Names the session whose programs share the page; before any of them has it.
  func setSession(_ number: UInt64) { unsafe page.storeBytes(of: number, toByteOffset: 24, as: UInt64.self) }

  /// Publishes `data`. A reader that is interrupted by it, even for ever, reads the state before or the one after.
  public func publish(_ data: vdso_time_data_t) { publish(data) { true } }

  /// As `publish(_:)`, if `isTimely` still holds at the moment at which readers are to see `data`; returns whether it did.
  @discardableResult
  public func publish(_ data: vdso_time_data_t, while isTimely: () -> Bool) -> Bool {
    bumpSequence()
    unsafe copy(0).pointee = data
    guard isTimely() else {
      unsafe copy(0).pointee = copy(1).pointee
      bumpSequence()
      return false
    }
    bumpSequence()
    unsafe copy(1).pointee = data
    tellSeconds(of: data[.realtimeCoarse])
    atomicMemoryFence(ordering: .releasing)
    return true
  }

  /// The state that readers see now.
  public var published: vdso_time_data_t {
    let sequence = unsafe word(8).pointee.load(ordering: .acquiring)
    return unsafe copy(Int(sequence & 1)).pointee
  }

  /// Names thread `id` as the timekeeper of the published clocks: the kernel marks the word when that thread ends.
  public func setTimekeeper(_ id: UInt32) {
    changeDate { $0 & ~Self.timekeeperBits | UInt64(id) & Self.timekeeperBits }
  }

  /// Makes the page whole again where a writer before this one ended within `publish`: both copies are what readers see.
  public func repair() {
    if unsafe word(8).pointee.load(ordering: .relaxed) & 1 == 0 {
      unsafe copy(1).pointee = copy(0).pointee
    } else {
      unsafe copy(0).pointee = copy(1).pointee
      bumpSequence()
    }
  }

  /// Makes the calling thread the timekeeper: when it ends, however it ends, readers stop using published clocks.
  ///
  /// Takes over the thread's list of robust mutexes, and what a timekeeper before it has left.
  public func keep() {
    repair()
    setTimekeeper(UInt32(linux_thread_id()))
    unsafe _ = linux_own_robust_word(timekeeperWord)
  }

  /// The address of the timekeeper's robust futex word.
  public var timekeeperWord: UnsafeMutableRawPointer { unsafe page + 16 }

  /// All of the timekeeper's word but VDSO_SECONDS_VALID.
  private static let timekeeperBits = UInt64(~UInt32(VDSO_SECONDS_VALID))

  /// Stores the seconds of `clock` if it is published and 32 bits hold them; else readers of the date ask elsewhere.
  private func tellSeconds(of clock: vdso_clock_t) {
    let seconds = clock.source == UInt32(VDSO_SOURCE_PUBLISHED) ? UInt32(exactly: clock.seconds) : nil
    let valid = seconds.map { UInt64($0) << 32 | UInt64(VDSO_SECONDS_VALID) } ?? 0
    changeDate { $0 & Self.timekeeperBits | valid }
  }

  /// Changes the timekeeper's word and the seconds after it at once, and loses no mark that the kernel sets meanwhile.
  private func changeDate(_ change: (UInt64) -> UInt64) {
    let date = unsafe (page + 16).assumingMemoryBound(to: Atomic<UInt64>.self)
    var old = unsafe date.pointee.load(ordering: .relaxed)
    while true {
      let (exchanged, current) = unsafe date.pointee.compareExchange(
        expected: old, desired: change(old), ordering: .releasing)
      if exchanged { return }
      old = current
    }
  }

  /// Turns readers to the other copy. Stores on either side of it stay there.
  private func bumpSequence() {
    atomicMemoryFence(ordering: .releasing)
    let sequence = unsafe word(8)
    unsafe sequence.pointee.store(sequence.pointee.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    atomicMemoryFence(ordering: .releasing)
  }

  private func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
    unsafe (page + offset).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  private func copy(_ index: Int) -> UnsafeMutablePointer<vdso_time_data_t> {
    unsafe (page + 64 + 2048 * index).assumingMemoryBound(to: vdso_time_data_t.self)
  }
}
