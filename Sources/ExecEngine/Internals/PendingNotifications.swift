// SPDX-License-Identifier: Apache-2.0

// Notifications of waiting tasks.
//
// Assumes: the memory is shared with processes that this one starts, is never unmapped, and only one of them at a time changes it.

import CLinux
import Glibc
import ProcessSupport

/// The unanswered notifications, in memory that a standby shares.
@safe
struct PendingNotifications {
  /// The number of tasks that may wait at a time; others wait for space.
  private static let capacity = 512
  private static let countsSize = 3 * MemoryLayout<Int>.size

  private let places: UnsafeMutableBufferPointer<linux_notification>
  /// Behind the places: the counts, and for each notification the index of the listening end that it came from. The end's descriptor may
  /// have another number in the process that takes over.
  private let counts: UnsafeMutablePointer<Int>
  private let ends: UnsafeMutablePointer<Int32>

  init() throws(SystemError) {
    let size = Self.capacity * MemoryLayout<linux_notification>.stride
    guard
      let memory = unsafe mmap(
        nil, size + Self.countsSize + Self.capacity * MemoryLayout<Int32>.size,
        PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
      unsafe memory != MAP_FAILED
    else { throw SystemError("get memory for notifications", errno: .current) }
    unsafe places = UnsafeMutableBufferPointer(
      start: memory.assumingMemoryBound(to: linux_notification.self), count: Self.capacity)
    unsafe counts = (memory + size).assumingMemoryBound(to: Int.self)
    unsafe ends = (memory + size + Self.countsSize).assumingMemoryBound(to: Int32.self)
  }

  /// The number of tasks that the supervisor traces at the moment.
  var tasksAtWork: Int {
    get { unsafe counts[0] }
    nonmutating set { unsafe counts[0] = newValue }
  }

  /// How many supervisors have ended in a row before one had dealt with the tasks that others left.
  var consecutiveDeaths: Int {
    get { unsafe counts[1] }
    nonmutating set { unsafe counts[1] = newValue }
  }

  /// How many standbys have taken over.
  var successions: Int { unsafe counts[2] }

  /// Counts one more, unless another standby of the same supervisor has done so; says whether it did.
  func claimSuccession(after count: Int) -> Bool { unsafe linux_replace_count(&counts[2], count, count + 1) }

  var freePlace: Int? { unsafe places.firstIndex { $0.id == 0 } }

  var notifications: [CallNotification] {
    unsafe places.indices.filter { unsafe places[$0].id != 0 }.map { notification(at: $0) }
  }

  /// Receives a notification, from the kernel or from a supervisor that forwards it, directly into a free entry of the table, so that none
  /// is lost in between. Also nil if the notification is in the table already. The listening end is known by its index, too.
  func receive(from listener: Int32, _ end: Int, at place: Int, isHandedOn: Bool) -> CallNotification? {
    unsafe ends[place] = Int32(end)
    guard isHandedOn else {
      return unsafe linux_receive_call(listener, &places[place]) == 0 ? notification(at: place) : nil
    }
    var file: Int32 = -1
    let size = MemoryLayout<linux_notification>.size
    guard unsafe linux_receive_record(listener, &places[place], size, &file) == size else {
      remove(at: place)
      return nil
    }
    let received = notification(at: place)
    guard !notifications.contains(where: { $0.id == received.id && $0.place != place }) else {
      remove(at: place)
      return nil
    }
    return received
  }

  func remove(at place: Int) {
    unsafe places[place].id = 0
    consecutiveDeaths = 0
  }

  private func notification(at place: Int) -> CallNotification {
    let received = unsafe places[place]
    let arguments = received.arguments
    return unsafe CallNotification(
      id: received.id, place: place, end: Int(ends[place]), thread: Int32(truncatingIfNeeded: received.thread),
      abi: SyscallABI(rawValue: received.architecture), number: UInt32(bitPattern: received.number),
      arguments: [arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5],
      programCounter: received.instruction_pointer)
  }
}
