// What the program's process and its helper tell each other before execve.
//
// Assumes: numbers are exchanged over a socket as whole 32-bit words, each a local variable that lives through the call.

import Glibc
import SimulatedKernel

/// What a helper and its stand-by say to the program's process; errors are numbers above 0.
enum HelperMessage {
  /// The program is traced.
  static let traced: Int32 = 0
  /// The helper has all that it needs, or who took over from it.
  static let helperReady: Int32 = -1
  /// The stand-by has all that it needs.
  static let standbyReady: Int32 = -2
  /// The program is traced, and its descriptors can't be copied: nobody would hear of calls.
  static let canOnlyTrace: Int32 = -3
}

/// One end of a connection over which numbers go.
struct HelperChannel {
  let descriptor: Int32

  static func pair() throws(TaskError) -> (HelperChannel, HelperChannel) {
    var ends: [Int32] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw TaskError("make a socket", errno: errno)
    }
    return (HelperChannel(descriptor: ends[0]), HelperChannel(descriptor: ends[1]))
  }

  /// Whether the number is on its way.
  @discardableResult
  func send(_ number: Int32) -> Bool {
    var number = number
    while true {
      let count = unsafe Glibc.send(descriptor, &number, 4, Int32(MSG_NOSIGNAL))
      if count == 4 { return true }
      guard count < 0, errno == EINTR else { return false }
    }
  }

  /// The next number, or nil where the other side is gone. It stays for others to see where it is not taken.
  func receive(taking: Bool = true) -> Int32? {
    var number: Int32 = 0
    let flags = Int32(MSG_WAITALL) | (taking ? 0 : Int32(MSG_PEEK))
    while true {
      let count = unsafe recv(descriptor, &number, 4, flags)
      if count == 4 { return number }
      guard count < 0, errno == EINTR else { return nil }
    }
  }

  /// Whether there is a number to receive.
  var hasNumber: Bool { HelperDescriptors.wait(for: [descriptor], 0)[0] & POLLIN != 0 }

  /// Whether the other side is gone, with all that was sent to here received.
  var isHungUp: Bool { HelperDescriptors.wait(for: [descriptor], 0)[0] & POLLHUP != 0 }

  func close() {
    _ = Glibc.close(descriptor)
  }
}
