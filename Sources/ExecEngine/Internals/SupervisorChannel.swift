// SPDX-License-Identifier: Apache-2.0

// The messages between the program's process and its supervisor before execve.
//
// Assumes: numbers are exchanged over a socket as whole 32-bit words, each a local variable that lives through the call.

import CLinux
package import ProcessSupport
import Glibc
import SimulatedKernel

/// Messages from a supervisor and its standby to the program's process; numbers above 0 are errors.
enum SupervisorMessage {
  /// The program is traced.
  static let traced: Int32 = 0
  /// The supervisor, or the standby that took over from it, has everything that it needs.
  static let supervisorReady: Int32 = -1
  /// The standby has everything that it needs.
  static let standbyReady: Int32 = -2
  /// Messages from the program's process: there is no listener, or the listener comes with this message.
  static let (withoutListener, withListener): (Int32, Int32) = (0, 1)
  /// The message of a process that has not attached to the program after all.
  static let dismissed: Int32 = 2
}

/// One end of a connection that carries numbers.
package struct SupervisorChannel {
  package let descriptor: Int32

  package static func pair() throws(SystemError) -> (SupervisorChannel, SupervisorChannel) {
    var ends: [Int32] = [0, 0]
    let result = unsafe linux_stream_pair(&ends)
    guard result == 0 else { throw SystemError("make a socket", errno: Errno(rawValue: -result)) }
    return (SupervisorChannel(descriptor: ends[0]), SupervisorChannel(descriptor: ends[1]))
  }

  /// Sends a number, with a copy of the descriptor `file` unless that is -1. Returns whether that succeeded.
  @discardableResult
  func send(_ number: Int32, with file: Int32 = -1) -> Bool { linux_send_word(descriptor, number, file) == 0 }

  /// The same with a copy of each of some descriptors.
  func send(_ number: Int32, with files: [Int32]) -> Bool {
    unsafe files.withUnsafeBufferPointer {
      unsafe linux_send_descriptors(descriptor, number, $0.baseAddress, $0.count) == 0
    }
  }

  /// The next number, or nil if the other side is gone.
  func receive() -> Int32? {
    var (number, file): (Int32, Int32) = (0, -1)
    return unsafe linux_receive_word(descriptor, &number, &file, true) == 0 ? number : nil
  }

  /// The next number and copies of the descriptors that come with it; nil if the other side is gone. All stay for others to see.
  func look() -> (number: Int32, files: [Int32])? {
    var number: Int32 = 0
    var count: Int32 = 0
    let files = unsafe [Int32](unsafeUninitializedCapacity: Int(LINUX_MOST_DESCRIPTORS)) { buffer, initialized in
      count = unsafe linux_look_for_descriptors(descriptor, &number, buffer.baseAddress)
      initialized = Int(max(0, count))
    }
    return count >= 0 ? (number, files) : nil
  }

  /// Removes the next message, without its descriptors.
  func drop() {
    var number: Int32 = 0
    _ = unsafe recv(descriptor, &number, 4, 0)
  }

  /// Removes a message that others were to receive, because a descriptor in a socket counts as open.
  func clear() {
    while hasNumber, receive() != nil {}
  }

  /// Whether there is a number to receive.
  var hasNumber: Bool { SupervisorDescriptors.wait(for: [descriptor], 0)[0] & POLLIN != 0 }

  /// Waits until the supervisor is ready, and its standby; false if they are gone. `received` are messages that have come before. Throws
  /// if the supervisor can't listen.
  func waitUntilReady(after received: [Int32] = [], withStandby: Bool) throws(SystemError) -> Bool {
    var waitsFor = [SupervisorMessage.supervisorReady] + (withStandby ? [SupervisorMessage.standbyReady] : [])
    waitsFor.removeAll { received.contains($0) }
    while !waitsFor.isEmpty {
      guard let message = receive() else { return false }
      guard message <= 0 else { throw SystemError("intercept system calls", errno: Errno(rawValue: message)) }
      waitsFor.removeAll { $0 == message }
    }
    return true
  }

  /// Whether the other side is gone, and everything that it has sent was received.
  var isHungUp: Bool { SupervisorDescriptors.wait(for: [descriptor], 0)[0] & POLLHUP != 0 }

  package func close() {
    _ = Glibc.close(descriptor)
  }
}
