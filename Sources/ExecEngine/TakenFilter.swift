// SPDX-License-Identifier: Apache-2.0

// The taking over of a filter from a session that is over.
//
// Assumes: packets are arrays or local variables that live through the call, and are of the sizes stated.

import CLinux
import ELF
import Glibc
import ProcessSupport

/// The filter of a session that is over, taken over for a new one.
public final class TakenFilter {
  /// The message by which the new session confirms that it keeps the filter.
  static let kept: UInt32 = 1
  /// Milliseconds that the other supervisor may take to answer.
  private static let patience: Int32 = 5000
  private static let mostProcesses = 16_384

  private let connection: Int32
  private var isOpen = true
  /// Its listening end.
  public let listener: Int32
  /// The calls that it intercepts.
  let calls: [InterceptedCall]
  /// Processes that were detached from it.
  public let detached: [Int32]

  /// Asks for the filter that a process was left with; nil if no supervisor has one to give.
  public init?(ofProcess process: Int32) {
    connection = unsafe FilterOffers.withName(process) { unsafe linux_connect($0, $1) }
    guard connection >= 0 else { return nil }
    var file: Int32 = -1
    var count: Int64 = 0
    let packet = unsafe [UInt8](unsafeUninitializedCapacity: 4 * Self.mostProcesses) {
      [connection] buffer, initialized in
      guard FilterOffers.isTrusted(connection), Self.hasPacket(connection) else { return }
      count = unsafe linux_receive_record(connection, buffer.baseAddress, buffer.count, &file)
      initialized = Int(max(0, count))
    }
    guard file >= 0, Self.hasPacket(connection),
      let greeting = NestingChannel(descriptor: connection).receiveGreeting()
    else {
      if file >= 0 { close(file) }
      close(connection)
      return nil
    }
    listener = file
    calls = greeting.calls
    detached = stride(from: 0, to: Int(count) & ~3, by: 4).compactMap {
      ByteOrder.littleEndian.word(UInt32.self, in: packet, at: $0).map { Int32(bitPattern: $0) }
    }
  }

  private static func hasPacket(_ connection: Int32) -> Bool {
    SupervisorDescriptors.wait(for: [connection], patience)[0] & POLLIN != 0
  }

  /// Makes the other supervisor end, because another one has the filter, and returns when it answers no call any more. Without this call it
  /// continues to answer them.
  public func keep() {
    var word = Self.kept
    if unsafe linux_send_record(connection, &word, 4, -1, true) >= 0 { _ = Self.hasPacket(connection) }
    leave()
  }

  /// Those of `wanted` that aren't intercepted.
  public func unintercepted(_ wanted: [InterceptedCall]) -> [InterceptedCall] { wanted.uncovered(by: calls) }

  /// Leaves the filter to the other supervisor, unless it is kept.
  public func leave() {
    guard isOpen else { return }
    isOpen = false
    close(listener)
    close(connection)
  }
}
