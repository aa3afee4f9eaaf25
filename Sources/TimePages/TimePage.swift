// SPDX-License-Identifier: Apache-2.0

// The writer's half of the time page.
//
// Assumes that `page` is VDSO_PAGE_SIZE bytes, aligned to that size, mapped writable here as long as the value lives, and that no other
// code writes there. The code that makes a `TimePage` guarantees that. Readers see the page only through their own mapping.

import CLinux
public import CVDSO
import LinuxTypes
import Synchronization

/// The writer of a time page: it publishes states of all clocks so that a reader sees each state whole or not at all.
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

  /// Names the session whose programs share the page. Call it before any of them has the page.
  func setSession(_ number: UInt64) { unsafe page.storeBytes(of: number, toByteOffset: 24, as: UInt64.self) }

  /// Publishes `data`. A reader sees the state before or the new one, also if this is interrupted, even forever.
  public func publish(_ data: vdso_time_data_t) { publish(data) { true } }

  /// Like `publish(_:)`, but only if `isTimely` still holds at the moment at which readers would see `data`. Returns whether it did.
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

  /// Repairs the page after a writer that ended within `publish`: both copies become the state that readers see.
  public func repair() {
    if unsafe word(8).pointee.load(ordering: .relaxed) & 1 == 0 {
      unsafe copy(1).pointee = copy(0).pointee
    } else {
      unsafe copy(0).pointee = copy(1).pointee
      bumpSequence()
    }
  }

  /// Makes the calling thread the timekeeper: when it ends, for any reason, readers stop using published clocks.
  ///
  /// Replaces the thread's list of robust mutexes, and the mark that a former timekeeper has left.
  public func keep() {
    repair()
    setTimekeeper(UInt32(linux_thread_id()))
    unsafe _ = linux_own_robust_word(timekeeperWord)
  }

  /// The address of the timekeeper's robust futex word.
  public var timekeeperWord: UnsafeMutableRawPointer { unsafe page + 16 }

  /// All bits of the timekeeper's word except VDSO_SECONDS_VALID.
  private static let timekeeperBits = UInt64(~UInt32(VDSO_SECONDS_VALID))

  /// Stores the seconds of `clock` if it is published and they fit in 32 bits; otherwise time() doesn't use them.
  private func tellSeconds(of clock: vdso_clock_t) {
    let seconds = clock.source == UInt32(VDSO_SOURCE_PUBLISHED) ? UInt32(exactly: clock.seconds) : nil
    let valid = seconds.map { UInt64($0) << 32 | UInt64(VDSO_SECONDS_VALID) } ?? 0
    changeDate { $0 & Self.timekeeperBits | valid }
  }

  /// Changes the timekeeper's word and the seconds behind it at once, and keeps a mark that the kernel sets at the same time.
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

  /// Switches readers to the other copy. No store moves across it.
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
