// SPDX-License-Identifier: Apache-2.0

// Messages between the supervisors of two sessions, of which one was started in the other.
//
// Assumes: both supervisors have this program's version, or their greeting shows that they don't. Packets are arrays or local variables of
// the stated sizes that live through the call.

import CLinux
import ProcessSupport
import ELF
import Glibc
import SimulatedKernel

/// One end of their connection. The outer supervisor forwards notifications, and the inner one answers them.
struct NestingChannel: Hashable {
  let descriptor: Int32

  /// The first word of a greeting: this format's version.
  private static let version: UInt32 = 1
  private static let longestGreeting = 65_536

  /// The outer supervisor's end, on which it never waits, and the inner one's.
  static func pair() -> (outer: NestingChannel, inner: Int32)? {
    var ends: (Int32, Int32) = (-1, -1)
    let result = unsafe withUnsafeMutableBytes(of: &ends) {
      unsafe linux_packet_sockets($0.baseAddress!.assumingMemoryBound(to: Int32.self))
    }
    return result == 0 ? (NestingChannel(descriptor: ends.0), ends.1) : nil
  }

  /// Sends the outer supervisor's first message: its own process id, and the calls that it intercepts.
  func greet(_ calls: [InterceptedCall]) {
    var packet: [UInt8] = []
    func append(_ word: UInt32) { ByteOrder.littleEndian.append(word, to: &packet) }
    append(Self.version)
    append(UInt32(bitPattern: getpid()))
    for call in calls {
      append(call.abi.rawValue)
      append(call.number)
      append(call.pointer.map { UInt32($0) } ?? .max)
      append(UInt32(call.conditions.count))
      for condition in call.conditions {
        append(UInt32(condition.argument))
        append(condition.mask)
        append(condition.value)
      }
    }
    _ = unsafe packet.withUnsafeBytes {
      unsafe linux_send_record(descriptor, $0.baseAddress, $0.count, -1, false)
    }
  }

  /// Receives that message, which was sent before the connection arrived; nil if it isn't understood.
  func receiveGreeting() -> (supervisor: Int32, calls: [InterceptedCall])? {
    var packet = [UInt8](repeating: 0, count: Self.longestGreeting)
    var file: Int32 = -1
    let count = unsafe packet.withUnsafeMutableBytes {
      unsafe linux_receive_record(descriptor, $0.baseAddress, $0.count, &file)
    }
    guard count >= 8 else { return nil }
    var words: [UInt32] = []
    for offset in stride(from: 0, to: Int(count) & ~3, by: 4) {
      words.append(ByteOrder.littleEndian.word(UInt32.self, in: packet, at: offset) ?? 0)
    }
    guard words[0] == Self.version else { return nil }
    var calls: [InterceptedCall] = []
    var rest = words.dropFirst(2)
    while let abi = rest.popFirst() {
      guard let number = rest.popFirst(), let pointer = rest.popFirst(), let count = rest.popFirst(),
        count <= rest.count / 3
      else { return nil }
      var call = InterceptedCall(SyscallABI(rawValue: abi), number)
      if pointer != .max { call.pointer = Int(pointer) }
      for _ in 0..<count {
        let words = Array(rest.prefix(3))
        rest = rest.dropFirst(3)
        call.conditions.append(.init(argument: Int(words[0]), mask: words[1], value: words[2]))
      }
      calls.append(call)
    }
    return (Int32(bitPattern: words[1]), calls)
  }

  /// Forwards a notification; false if there is no space at the moment.
  func handOn(_ notification: CallNotification, thread: Int32) -> Bool {
    var record = linux_notification()
    record.id = notification.id
    record.thread = UInt32(bitPattern: thread)
    record.number = Int32(bitPattern: notification.number)
    record.architecture = notification.abi.rawValue
    record.instruction_pointer = notification.programCounter
    let words = notification.arguments
    record.arguments = (words[0], words[1], words[2], words[3], words[4], words[5])
    // If the task is gone, that shows when its answer is waited for.
    return unsafe linux_send_record(descriptor, &record, MemoryLayout.size(ofValue: record), -1, false) != -EAGAIN
  }

  /// Whether the other end is gone.
  var isHungUp: Bool { SupervisorDescriptors.wait(for: [descriptor], 0)[0] & POLLHUP != 0 }

  /// A message from the inner supervisor.
  enum Answer {
    case nothing
    /// The inner supervisor is gone.
    case end
    /// The inner supervisor has no task left and ends.
    case disconnect
    case proceed(UInt64)
    case result(UInt64, Int64)
    /// The call returns a copy of the descriptor, which the receiver owns.
    case file(UInt64, Int32)
  }

  private struct Record {
    var kind: UInt64
    var id: UInt64 = 0
    var result: Int64 = 0
  }

  private static let (proceed, result, file, disconnect): (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)

  func receiveAnswer() -> Answer {
    var record = Record(kind: 0)
    var file: Int32 = -1
    let count = unsafe linux_receive_record(descriptor, &record, MemoryLayout<Record>.size, &file)
    guard count != -Int64(EAGAIN) else { return .nothing }
    guard count == MemoryLayout<Record>.size else { return .end }
    switch record.kind {
    case Self.result: return .result(record.id, record.result)
    case Self.file where file >= 0: return .file(record.id, file)
    case Self.disconnect: return .disconnect
    default: return .proceed(record.id)
    }
  }

  /// Answers a forwarded notification.
  func answer(_ notification: CallNotification, _ answer: CallAnswer) {
    switch answer {
    case .proceed, .passed, .replace: send(Record(kind: Self.proceed, id: notification.id))
    case .result(let result): send(Record(kind: Self.result, id: notification.id, result: result))
    }
  }

  func answer(_ notification: CallNotification, withCopyOf file: Int32) {
    send(Record(kind: Self.file, id: notification.id), file)
  }

  /// Sends the message that no task is left.
  func leave() { send(Record(kind: Self.disconnect)) }

  private func send(_ record: Record, _ file: Int32 = -1) {
    var record = record
    _ = unsafe linux_send_record(descriptor, &record, MemoryLayout<Record>.size, file, true)
  }
}
