// SPDX-License-Identifier: Apache-2.0

import ProcessSupport
import TimePages

/// Receives changes of the time for a session's supervisor, from processes of the same user or of the superuser.
///
/// One thread may use it. It never waits for its clients.
public final class ControlSocket {
  /// The number of connections that are kept at a time. When there is one more, the oldest is closed.
  private static let mostConnections = 8

  private var listening: [PacketSocket] = []
  private var connections: [PacketSocket] = []
  private var files: [(path: [UInt8], identity: FileInUse.Identity?)] = []
  private let user: UInt32
  private var hasPage = false

  /// Accepts clients of `user`.
  public init(user: UInt32) {
    self.user = user
  }

  /// Milliseconds that a session may take to end whose program has ended.
  private static let patience = 1000

  /// Also listens at `path`, bytes without a null, if nothing else is there. A socket that a killed session has left is replaced, and that of
  /// a session that ends in a second.
  public func listen(at path: [UInt8]) throws(ControlError) {
    guard !path.isEmpty else { throw ControlError("cannot listen at a file without a name: pass another name") }
    for waited in 0... {
      do throws(SystemError) {
        listening.append(try PacketSocket(listeningAs: .file(path)))
        break
      } catch {
        guard error.errno == .addressInUse else { throw ControlError(error) }
        let identity = FileInUse.identity(path)
        // The session may have removed it meanwhile.
        guard waited < Self.patience, identity?.isSocket != false else {
          throw ControlError(
            "cannot listen at \(SessionName.file(path)): it exists already: pass another name, or remove it")
        }
        if FileInUse.isAbandoned(path) {
          FileInUse.remove(path, identity)
        } else {
          HostClock.sleep(nanoseconds: 1_000_000)
        }
      }
    }
    // The supervisor has another working directory, so the path must be absolute.
    files.append((FileInUse.absolutePath(path), FileInUse.identity(path)))
  }

  /// Listens for clients that know the number of the memory file of the session's time page. Clients in other network namespaces need a
  /// file, which is made if possible.
  public func listen(forPage number: UInt64) throws(ControlError) {
    // A process that finds this name knows that the file is in use.
    do throws(SystemError) {
      listening.append(try PacketSocket(listeningAs: .page(number)))
    } catch {
      throw ControlError(error)
    }
    if case .file(let path) = SessionName.file(ofPage: number, user: user) { try? listen(at: path) }
    hasPage = true
  }

  /// The descriptors to wait for: when one becomes readable, call `serve`.
  public var descriptors: [Int32] { listening.map { $0.descriptor } + connections.map { $0.descriptor } }

  /// Handles requests that have arrived. `change` performs a request, `endWatching` has the session attach to no process that enters its
  /// PID namespace any more, `state` returns the new state, and `record` the record.
  ///
  /// Returns whether a copy of this process must know of it: the time or the watching was changed, or a connection was closed that the copy
  /// may have. It need not have new connections: a client that loses one before it has the answer to a question asks again.
  public func serve(
    _ change: (TimeSpecification, VirtualClock.Scope?) throws(ControlError) -> Void, endWatching: () -> Void = {},
    state: () -> SessionState, record: () -> TimeRecord
  ) -> Bool {
    var isChanged = false
    for socket in listening {
      while let connection = socket.accept() {
        guard let peer = connection.peer, peer == user || peer == 0 else {
          connection.send("error the session belongs to another user: run demo-loader as that user, or as root")
          continue
        }
        connections.append(connection)
        if connections.count > Self.mostConnections {
          connections.removeFirst()
          isChanged = true
        }
      }
    }
    connections = connections.filter { connection in
      switch connection.receive(waiting: 0) {
      case .nothing: return true
      case .end: return false
      case .packet(let text):
        let request = ControlRequest(text)
        connection.send(answer(request, change, endWatching, state, record))
        if request?.isQuestion == false { isChanged = true }
        return true
      }
    }
    return isChanged
  }

  private func answer(
    _ request: ControlRequest?, _ change: (TimeSpecification, VirtualClock.Scope?) throws(ControlError) -> Void,
    _ endWatching: () -> Void, _ state: () -> SessionState, _ record: () -> TimeRecord
  ) -> String {
    switch request {
    case nil: return "error the session doesn't understand this request: start it with this version of demo-loader"
    case .state: break
    case .endWatching: endWatching()
    case .record(let first): return record().part(from: first)
    case .change(let specification, let scope):
      do throws(ControlError) {
        try change(specification, scope)
      } catch {
        return "error \(error.description)"
      }
    }
    return state().answer
  }

  /// Ends the session and removes its files.
  public func close() {
    for file in files { FileInUse.remove(file.path, file.identity) }
    files = []
    // If all processes of another session were killed, nothing else removes its files.
    if hasPage { FileInUse.removeAbandoned(in: SessionName.folder(of: user)) }
    listening = []
    connections = []
  }
}
