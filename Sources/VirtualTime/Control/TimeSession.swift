// SPDX-License-Identifier: Apache-2.0

import ProcessSupport
import TimePages

/// A session of programs that demo-loader has started with `--time` or `--control`: its clocks can be read and set from outside.
///
/// Every program of the session sees a change at its next reading, and its monotonic clocks never go back.
/// Any thread may use it; each call waits for the session's supervisor, at most five seconds.
public struct TimeSession: Hashable, Sendable {
  private static let patience: Int32 = 5000
  private let name: SessionName
  /// The process that identifies the session, if one does.
  private var process: Int32?

  /// The session that was started with `--control` and this path.
  public init(control path: String) {
    self.init(control: Array(path.utf8))
  }

  /// The same for a path of bytes, which need not be UTF-8.
  public init(control path: [UInt8]) {
    name = .file(path)
  }

  /// The session of a running program, which this process must be allowed to trace.
  public init(process: Int32) throws(ControlError) {
    name = try Self.name(ofProcess: process)
    self.process = process
  }

  /// The session that the user names by `text`: a process's number, or a path that doesn't consist of digits.
  public init(named text: String) throws(ControlError) {
    try self.init(named: Array(text.utf8))
  }

  /// The same for bytes, which need not be UTF-8.
  public init(named text: [UInt8]) throws(ControlError) {
    if let process = Int32(String(decoding: text, as: UTF8.self)), process > 0 {
      try self.init(process: process)
    } else {
      self.init(control: text)
    }
  }

  /// The time that the session's programs see now.
  public func state() throws(ControlError) -> SessionState {
    try SessionState(answer: ask(.state))
  }

  /// Sets the clocks of `scope`, or those that were set before, and returns the new state.
  @discardableResult
  public func set(
    _ specification: TimeSpecification, scope: VirtualClock.Scope? = nil
  ) throws(ControlError) -> SessionState {
    try SessionState(answer: ask(.change(specification, scope)))
  }

  /// What the programs' date was, compared with the host's, since the session began.
  public func record() throws(ControlError) -> TimeRecord {
    var result: TimeRecord?
    while true {
      let first = result?.changes.count ?? 0
      let answer = try ask(.record(from: first))
      guard let part = TimeRecord.part(answer), first < part.count else { throw ControlError(unexpected: answer) }
      // After changes that came meanwhile, an older one may be there twice.
      if result == nil { result = part.record } else { result?.changes += part.record.changes }
      if let result, result.changes.count >= part.count { return result }
    }
  }

  /// Has the session attach to no process that enters its PID namespace any more.
  public func endWatching() throws(ControlError) {
    _ = try ask(.endWatching)
  }

  /// How often a question is asked if the supervisor ends before it answers: the next one has the session.
  private static let attempts = 3

  private func ask(_ request: ControlRequest) throws(ControlError) -> String {
    var socket: PacketSocket? = try connection()
    for _ in 0..<(request.isQuestion ? Self.attempts : 1) {
      guard let connection = socket else { break }
      connection.send(request.text)
      switch connection.receive(waiting: Self.patience) {
      case .packet(let answer): return answer
      case .nothing: throw ControlError("\(name) does not answer: continue it if it is stopped, or start a new session")
      case .end: socket = try? self.connection()
      }
    }
    throw ControlError("\(name) ended before it answered: start a new session")
  }

  private func connection() throws(ControlError) -> PacketSocket {
    do throws(SystemError) {
      return try PacketSocket(connectedTo: name)
    } catch {
      guard case .page(let number) = name, let process else { throw ControlError(error) }
      if let socket = Self.socket(ofPage: number, process) { return socket }
      throw ControlError(
        "its time can't be changed: its session accepts no changes, or has ended; start it with demo-loader --control FILE (or "
          + "--time)")
    }
  }

  /// The session's socket file, as this process or the given one sees it: that process may be in another network namespace.
  private static func socket(ofPage number: UInt64, _ process: Int32) -> PacketSocket? {
    let trusted = [0, FileInUse.ownUser] + (FileInUse.user(ofProcess: process).map { [$0] } ?? [])
    for root in ["", "/proc/\(process)/root"] {
      for user in trusted {
        let name = SessionName.file(ofPage: number, user: user, root: root)
        // Another user may have made a file of that name.
        if let socket = try? PacketSocket(connectedTo: name), let peer = socket.peer, trusted.contains(peer) {
          return socket
        }
      }
    }
    return nil
  }

  private static func name(ofProcess process: Int32) throws(ControlError) -> SessionName {
    // The process may have mapped the page of an outer session too, so its auxiliary vector decides.
    if let number = SessionPage(ofProcess: process)?.time.session { return .page(number) }
    let mappings = try ProcessMappings.text(of: process)
    guard let name = SessionName.page(inMappings: mappings) else {
      throw ControlError(
        "process \(process) belongs to no session: start it with demo-loader --time or --control, or attach to it with \"demo-loader attach \(process)\""
      )
    }
    return name
  }
}
