// SPDX-License-Identifier: Apache-2.0

// The passing of a filter's listening end from a session that is over to the next.
//
// Assumes: packets are arrays that live through the call, and are of the sizes stated; a descriptor is owned by one value.

import CLinux
import ELF
import Glibc
import ProcessSupport

/// Where a supervisor whose session is over gives its filter away: a socket for each process that was detached from it.
///
/// The kernel takes no second listener in a tree of processes, so a process that is attached to again needs the first one.
final class FilterOffers {
  private struct Offer {
    let detached: DetachedProcess
    let socket: Int32
  }

  private var offers: [Offer] = []
  /// Connections to processes that have got a listening end, and have not said yet that they keep it.
  private var takers: [(connection: Int32, listener: Int32)] = []

  /// What to wait for.
  var descriptors: [Int32] { takers.map { $0.connection } + offers.map { $0.socket } }

  /// Whether a listening end is on its way.
  private func isTaken(_ listener: Int32) -> Bool { takers.contains { $0.listener == listener } }

  /// Begins to listen for what attaches to these processes.
  func begin(_ processes: [DetachedProcess]) {
    for detached in processes where !offers.contains(where: { $0.detached == detached }) {
      let socket = unsafe Self.withName(detached.process) { unsafe linux_listen($0, $1) }
      if socket >= 0 { offers.append(Offer(detached: detached, socket: socket)) }
    }
  }

  /// Deals with what has arrived at `descriptors`; returns the listening end that now is another process's, if any.
  func serve(_ listeners: [Int32], _ calls: [InterceptedCall]) -> Int32? {
    for (index, (connection, given)) in takers.enumerated() {
      var file: Int32 = -1
      var word: UInt32 = 0
      let count = unsafe linux_receive_record(connection, &word, 4, &file)
      guard count != -Int64(EAGAIN) else { continue }
      close(connection)
      takers.remove(at: index)
      guard count == 4 && word == TakenFilter.kept else { return nil }
      for offer in offers where offer.detached.listener == given { close(offer.socket) }
      offers.removeAll { $0.detached.listener == given }
      return given
    }
    for offer in offers {
      let connection = linux_accept(offer.socket)
      guard connection >= 0 else { continue }
      if Self.isTrusted(connection), case let listener = offer.detached.listener, listeners.contains(listener),
        !isTaken(listener), give(listener, calls, to: connection)
      {
        takers.append((connection, listener))
      } else {
        close(connection)
      }
    }
    return nil
  }

  private func give(_ listener: Int32, _ calls: [InterceptedCall], to connection: Int32) -> Bool {
    var packet: [UInt8] = []
    for offer in offers where offer.detached.listener == listener {
      ByteOrder.littleEndian.append(UInt32(bitPattern: offer.detached.process), to: &packet)
    }
    let result = unsafe packet.withUnsafeBytes {
      unsafe linux_send_record(connection, $0.baseAddress, $0.count, listener, false)
    }
    NestingChannel(descriptor: connection).greet(calls)
    return result == 0
  }

  /// Whether at the other end is a process of the same user, or the superuser's.
  static func isTrusted(_ connection: Int32) -> Bool {
    let user = linux_peer_user(connection)
    return user == 0 || user == Int64(geteuid())
  }

  /// The name of the socket for a process: abstract, of one network namespace.
  static func withName(_ process: Int32, _ body: (UnsafePointer<UInt8>, Int) -> Int32) -> Int32 {
    let name = [0] + Array("vdso-filter/\(process)".utf8)
    return unsafe name.withUnsafeBufferPointer { unsafe body($0.baseAddress!, $0.count) }
  }
}
