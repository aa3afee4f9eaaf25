// SPDX-License-Identifier: Apache-2.0

import CLinux
import ProcessSupport

/// The rights, tracer and system call filters of a task, as the kernel reports them. The corresponding file is /proc/PID/status.
public struct TaskStatus: Hashable, Sendable {
  /// The name of its program, at most 15 bytes.
  package private(set) var name = ""
  /// The number of its process.
  package private(set) var process: Int32?
  package private(set) var parent: Int32 = 0
  /// The process that traces it, or 0.
  package private(set) var tracer: Int32 = 0
  /// The real, effective, saved and file system user ids.
  private(set) var users: [UInt32] = []
  private(set) var groups: [UInt32] = []
  /// Its ids, from this process's PID namespace down to its own.
  private(set) var numbers: [Int32] = []
  public private(set) var effectiveCapabilities: UInt64 = 0
  /// The signals that are pending for its process, bit 0 for signal 1; nil if the kernel doesn't report them.
  private(set) var pendingSignals: UInt64?
  /// Whether it gains no rights by execve. The corresponding C constant is `PR_SET_NO_NEW_PRIVS`.
  package private(set) var hasNoNewPrivileges = false
  /// Whether it is under filters, or in strict mode.
  package private(set) var isFiltered = false
  /// The number of its filters, including inherited ones; nil if the kernel doesn't report it, before Linux 5.9.
  package private(set) var filterCount: Int?

  public var effectiveUser: UInt32? { users.count > 1 ? users[1] : nil }
  /// Its user, if the real, effective and saved ones are the same; and the same for its group.
  var onlyUser: UInt32? { Self.only(users) }
  var onlyGroup: UInt32? { Self.only(groups) }

  /// The id of a thread's process; the thread's own id if that can't be found out.
  static func process(of thread: Int32) -> Int32 {
    linux_is_first_thread(thread) ? thread : TaskStatus(of: thread)?.process ?? thread
  }

  private static func only(_ ids: [UInt32]) -> UInt32? {
    ids.count > 2 && ids[0] == ids[1] && ids[1] == ids[2] ? ids[0] : nil
  }

  /// This process's own status, read through a name that needs no further system call; nil without /proc.
  static var current: TaskStatus? {
    let text = SmallFile.record("/proc/self/status")
    return text.isEmpty ? nil : TaskStatus(text: text)
  }

  /// Whether this process is under filters, or in strict mode; false without /proc.
  static var isOwnFiltered: Bool { ownFilters.mode ?? 0 != 0 }

  /// The number of this process's filters when it, or the process that forked it, looked first; nil if the kernel doesn't report it.
  static var ownFilterCount: Int? { ownFilters.count }

  private static let ownFilters = {
    var filters: (mode: Int?, count: Int?)
    var lines = SmallFile.record("/proc/self/status")[...]
    while let end = lines.firstIndex(of: UInt8(ascii: "\n")), filters.count == nil {
      let line = lines[..<end]
      lines = lines[(end + 1)...]
      guard line.starts(with: "Seccomp".utf8), let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let value = number(line[(colon + 1)...]).map { Int($0) }
      if filters.mode == nil { filters.mode = value } else { filters.count = value }
    }
    return filters
  }()

  /// Reads the status; nil if the task is gone or not visible.
  public init?(of task: Int32) {
    let text = SmallFile.record("/proc/\(task)/status")
    guard !text.isEmpty else { return nil }
    self.init(text: text)
  }

  init(text: [UInt8]) {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      // Most of about sixty lines are of no interest, and their values would take longer to read than the kernel takes to write them.
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.initials.contains(line[line.startIndex]) else {
        continue
      }
      let value = line[(colon + 1)...]
      switch String(decoding: line[..<colon], as: UTF8.self) {
      case "Name": name = Self.fields(value).first ?? ""
      case "Tgid": process = Self.number(value)
      case "PPid": parent = Self.number(value) ?? 0
      case "NSpid": numbers = Self.fields(value).compactMap { Int32($0) }
      case "Uid": users = Self.fields(value).compactMap { UInt32($0) }
      case "Gid": groups = Self.fields(value).compactMap { UInt32($0) }
      case "TracerPid": tracer = Self.number(value) ?? 0
      case "CapEff": effectiveCapabilities = Self.set(value) ?? 0
      case "ShdPnd": pendingSignals = Self.set(value)
      case "NoNewPrivs": hasNoNewPrivileges = Self.number(value) == 1
      case "Seccomp": isFiltered = Self.number(value) != 0
      case "Seccomp_filters": filterCount = Self.number(value).map { Int($0) }
      default: break
      }
    }
  }

  /// The first letters of the lines that are read.
  private static let initials = Array("NTPUGCS".utf8)

  private static func fields(_ value: ArraySlice<UInt8>) -> [String] {
    value.split(separator: UInt8(ascii: "\t")).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func number(_ value: ArraySlice<UInt8>) -> Int32? { fields(value).first.flatMap { Int32($0) } }

  private static func set(_ value: ArraySlice<UInt8>) -> UInt64? {
    fields(value).first.flatMap { UInt64($0, radix: 16) }
  }

  /// Whether it may filter system calls without giving up rights for good. The corresponding C constant is `CAP_SYS_ADMIN`.
  package var mayFilterCalls: Bool { hasNoNewPrivileges || effectiveCapabilities & 1 << 21 != 0 }

  /// Whether this process can't suspend other processes' filters, which needs CAP_SYS_ADMIN and no filter on this process itself.
  package static var mayNotSuspendFilters: Bool {
    guard let current else { return true }
    return current.isFiltered || current.effectiveCapabilities & 1 << 21 == 0
  }

  /// Whether SIGCHLD is pending for a process, or that is unknown.
  static func isChildSignalPending(in process: Int32) -> Bool {
    (TaskStatus(of: process)?.pendingSignals ?? .max) & 1 << 16 != 0
  }

  /// Whether it has more filters than `count`, the number of those of a session's tasks; false if either number is unknown.
  func hasFilters(beyond count: Int?) -> Bool {
    guard let count, let filterCount else { return false }
    return filterCount > count
  }

  /// Whether it has a right that `other` lacks: as a tracer of `other` it may be there to restrict it.
  func outranks(_ other: TaskStatus) -> Bool {
    effectiveUser != other.effectiveUser || effectiveCapabilities & ~other.effectiveCapabilities != 0
  }
}
