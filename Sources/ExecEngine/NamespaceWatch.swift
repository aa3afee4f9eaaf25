// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import ProcessSupport

/// What a session knows of the process that attaches to what enters its PID namespace later: the watcher.
///
/// The supervisor starts the watcher, and another one if it ends. It gets from it the listening ends of the filters that the watcher
/// installs.
public final class NamespaceWatch {
  /// How often a watcher is started: if each one ends, so would the next.
  private static let mostStarts: UInt64 = 32

  /// What watchers count, in memory that all processes of the session share.
  public let counts = NamespaceCounts()
  /// The watcher's descriptors.
  private(set) var descriptors: [Int32]
  private let body: (WatcherConnection, NamespaceCounts) -> Never
  private let findListeners: (Int32) -> [Int32]
  private let starts = SharedWord()
  private let isEnded = SharedWord()
  /// The process to which a watcher attaches, or 0.
  private let target = SharedWord()
  private var channel: SupervisorChannel?
  /// The number of the last message whose listening ends are known.
  private var last: Int32 = 0

  /// A watcher runs `body`, which keeps `descriptors` only. If it ends while it attaches to a process, the supervisor calls `findListeners`
  /// with that process for the listening ends that it has left.
  public init(
    descriptors: [Int32], findListeners: @escaping (Int32) -> [Int32],
    body: @escaping (WatcherConnection, NamespaceCounts) -> Never
  ) {
    (self.descriptors, self.findListeners, self.body) = (descriptors, findListeners, body)
  }

  /// Whether a watcher runs or is about to.
  public var isOn: Bool { isEnded.value == 0 && starts.value <= Self.mostStarts }

  /// Ends it for good.
  public func end() {
    isEnded.value = 1
    close()
    for descriptor in descriptors { linux_close(descriptor) }
    descriptors = []
  }

  /// What to wait for; -1 without a watcher.
  var descriptor: Int32 { channel?.descriptor ?? -1 }

  /// Starts a watcher if there is none; it installs the filter of these instructions, if there are any. Returns whether it has.
  func start(_ filter: [UInt64], timePage: Int32) -> Bool {
    guard channel == nil, isOn else { return false }
    starts.value += 1
    guard isOn else {
      end()
      return false
    }
    let new = try? Supervisor.startProcess(of: getpid(), isChild: false) { supervisor, channel in
      unsafe linux_set_name("vdso-watcher")
      SupervisorDescriptors.keep(self.descriptors + [timePage, channel.descriptor])
      self.body(WatcherConnection(channel: channel, filter: filter, target: self.target), self.counts)
    }
    (channel, last) = (new?.1, 0)
    return channel != nil
  }

  /// What a watcher has sent.
  enum Message {
    case nothing
    /// Copies of listening ends. The message stays for a process that takes over, until this is called again.
    case listeners([Int32])
    /// The watcher is gone.
    case end
  }

  /// Called once `descriptor` is readable.
  func receive() -> Message {
    guard let channel else { return .nothing }
    guard let (number, files) = channel.look() else {
      close()
      return .end
    }
    guard number <= last else {
      last = number
      return .listeners(files)
    }
    for file in files { linux_close(file) }
    channel.drop()
    return .nothing
  }

  /// The listening ends that a watcher has left where it attached to a process.
  func takeLeftListeners() -> [Int32] {
    defer { target.value = 0 }
    return target.value == 0 ? [] : findListeners(Int32(truncatingIfNeeded: target.value))
  }

  private func close() {
    channel?.close()
    channel = nil
  }
}

/// The watcher's end of its connection to the supervisor.
public struct WatcherConnection {
  private let channel: SupervisorChannel
  /// The filter's instructions, 8 bytes each; none if the session has no filter.
  public let filter: [UInt64]
  private let target: SharedWord
  private let sent = SharedWord()

  init(channel: SupervisorChannel, filter: [UInt64], target: SharedWord) {
    (self.channel, self.filter, self.target) = (channel, filter, target)
  }

  /// What to wait for: it becomes readable once the session is over.
  public var descriptor: Int32 { channel.descriptor }

  /// Whether the session is over, or watches its namespace no longer.
  public var isOver: Bool { channel.isHungUp }

  /// Notes to which process the watcher attaches; 0 for none.
  public func note(_ process: Int32) { target.value = UInt64(process) }

  /// Sends the supervisor copies of listening ends; false if it is gone.
  public func send(_ listeners: [Int32]) -> Bool {
    sent.value += 1
    return channel.send(Int32(truncatingIfNeeded: sent.value), with: listeners)
  }
}

/// How many processes have entered a session's PID namespace later.
public struct NamespaceCounts: Sendable {
  /// How many were attached to, with their children.
  public let attached = SharedWord()
  /// How many ended before that.
  public let ended = SharedWord()
  /// How many couldn't be attached to.
  public let refused = SharedWord()
  /// How many processes of the machine ended before it was seen whether they were in the namespace.
  public let unseen = SharedWord()
  /// How often the kernel had no space for its reports.
  public let gaps = SharedWord()

  init() {}
}
