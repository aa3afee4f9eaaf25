// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
public import ExecEngine
import TimePages
public import VirtualTime

/// Shows the times of files in a session's time, and converts the times that programs set back to the host's.
///
/// The task makes each call itself, with its own rights and descriptors. Afterwards the supervisor changes the result in the task's memory.
public struct FileTimes {
  /// AT_FDCWD.
  private static let workingDirectory: UInt64 = UInt64(bitPattern: -100)
  private let clock: () -> VirtualClock

  /// Moves the times by the offset of the clock that `clock` returns, if that clock has one for files.
  public init(clock: @escaping () -> VirtualClock) {
    self.clock = clock
  }

  /// The intercepted calls, and the answer to each.
  public var interceptor: CallInterceptor {
    CallInterceptor(FileTimeCall.all.map { $0.intercepted }) { self.answer($0) }
  }

  private func answer(_ notification: CallNotification) -> CallAnswer {
    guard let offset = clock().fileTimeOffset, offset != 0,
      let call = FileTimeCall.all.first(where: { $0.abi == notification.abi && $0.number == notification.number })
    else { return .proceed }
    switch call.kind {
    case .reads(let layout, let argument):
      return .replace(reading(notification, layout, at: notification.arguments[argument]))
    case .sets(let layout, let argument, let utimensat, let directory, let path, let flags):
      let bytes = ProcessMemory(pid: notification.thread).bytes(
        at: notification.arguments[argument], count: layout.byteCount)
      let times = layout.times(in: bytes).compactMap { $0 }
      // The kernel refuses these times itself.
      guard times.count == 2, times.allSatisfy({ $0.isValid }) else { return notification.answerIfUnread }
      var replacement = CallRewrite(notification)
      replacement.number = utimensat
      replacement.arguments = [
        directory.map { notification.arguments[$0] } ?? Self.workingDirectory, notification.arguments[path], 0,
        flags.map { notification.arguments[$0] } ?? 0, 0, 0,
      ]
      var moved = [UInt8](repeating: 0, count: FileTimesLayout.timespecs64.byteCount)
      FileTimesLayout.timespecs64.store(times.map { $0.moved(by: -offset) }, in: &moved)
      replacement.memory = [(2, moved)]
      return .replace(replacement)
    }
  }

  private func reading(_ notification: CallNotification, _ layout: FileTimesLayout, at address: UInt64) -> CallRewrite {
    var replacement = CallRewrite(notification)
    let clock = clock
    replacement.finish = { result, _ in
      guard result == 0, let offset = clock().fileTimeOffset else { return result }
      let memory = ProcessMemory(pid: notification.thread)
      var bytes = memory.bytes(at: address, count: layout.byteCount)
      guard bytes.count == layout.byteCount else { return result }
      layout.store(layout.times(in: bytes).map { $0?.moved(by: offset) }, in: &bytes)
      try? memory.write(bytes, at: address)
      return result
    }
    return replacement
  }
}

extension VirtualClock {
  /// Nanoseconds by which the times of files must be moved to agree with the date; nil if no offset is right, because the date goes at
  /// another rate than the host's, stands or steps.
  public var fileTimeOffset: Int64? {
    guard steppedClocks.isEmpty else { return nil }
    guard let map = maps[.realtime] else { return 0 }
    return map.isOffset ? map.anchorTo : nil
  }
}
