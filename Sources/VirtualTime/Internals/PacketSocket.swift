// SPDX-License-Identifier: Apache-2.0

// Packet sockets.
//
// Assumes: the buffers handed to the kernel are of the sizes stated. A descriptor is owned by one value, which closes it.

import CLinux
import ProcessSupport

/// A socket that carries packets of text between two processes of this machine, or waits for a connection.
final class PacketSocket {
  static let longestPacket = 1024

  let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Listens under `name`.
  init(listeningAs name: SessionName) throws(SystemError) {
    let bytes = name.bytes
    let result = unsafe bytes.withUnsafeBytes { unsafe linux_listen($0.baseAddress, $0.count) }
    guard result >= 0 else { throw SystemError("listen as \(name)", errno: Errno(result: result)) }
    descriptor = result
  }

  /// Connects to the process that listens under `name`.
  init(connectedTo name: SessionName) throws(SystemError) {
    let bytes = name.bytes
    let result = unsafe bytes.withUnsafeBytes { unsafe linux_connect($0.baseAddress, $0.count) }
    guard result >= 0 else { throw SystemError("reach \(name)", errno: Errno(result: result)) }
    descriptor = result
  }

  deinit {
    linux_close(descriptor)
  }

  /// Accepts a waiting connection; nil if there is none any more.
  func accept() -> PacketSocket? {
    let result = linux_accept(descriptor)
    return result < 0 ? nil : PacketSocket(descriptor: result)
  }

  /// The user at the other end; nil if the kernel doesn't know it.
  var peer: UInt32? { UInt32(exactly: linux_peer_user(descriptor)) }

  enum Arrival: Equatable {
    case nothing
    /// The other end is gone.
    case end
    case packet(String)
  }

  /// The next packet, waiting for it at most `milliseconds`.
  func receive(waiting milliseconds: Int32) -> Arrival {
    let capacity = Self.longestPacket
    var length: Int64 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      length = unsafe linux_receive_packet(descriptor, buffer.baseAddress, capacity, milliseconds)
      count = Int(max(0, length))
    }
    if length > 0 { return .packet(String(decoding: bytes, as: UTF8.self)) }
    return length == -Int64(LINUX_ETIMEDOUT) ? .nothing : .end
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8.prefix(Self.longestPacket))
    _ = unsafe bytes.withUnsafeBytes { unsafe linux_send_packet(descriptor, $0.baseAddress, $0.count) }
  }
}
