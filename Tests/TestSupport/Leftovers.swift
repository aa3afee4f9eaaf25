// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The descriptors and mappings that tests leave in their own process. They are checked when the process ends, if VDSO_LEFTOVERS is set, as
/// Scripts/check-leftovers does. That script itself finds leftover processes and files.
public enum Leftovers {
  /// Registers the check, which makes the process fail if something is left. The helpers that make such things register it.
  static let checkedAtExit: Void = {
    _ = atStart
    guard ProcessInfo.processInfo.environment["VDSO_LEFTOVERS"] != nil else { return }
    atexit {
      for _ in 0..<100 where streams.count > foundationsStreams { usleep(100_000) }
      let left = Leftovers.descriptors + Leftovers.mappings
      guard !left.isEmpty else { return }
      FileHandle.standardError.write(Data("left in the tests' process:\n\(left.joined(separator: "\n"))\n".utf8))
      _exit(1)
    }
  }()

  /// The descriptors that the process was started with.
  private static let atStart = Set(openDescriptors.keys)

  /// Open files, sockets of sessions, and descriptors that trace processes. Descriptors that Foundation uses for its run loops and for the
  /// ends of processes don't count.
  public static var descriptors: [String] {
    let foundations = ["/dev/null", "anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[timerfd]"]
    let left = openDescriptors.filter { !atStart.contains($0.key) && !foundations.contains($0.value) }
    let told = streams.count > foundationsStreams ? left : left.filter { !isStream($0) }
    return told.map { "descriptor \($0.key): \($0.value)" }
  }

  /// Mappings of temporary files, and writable mappings of memory files, which are a writer's time page. A reader's mappings of a page stay
  /// by contract.
  public static var mappings: [String] {
    let temporary = FileManager.default.temporaryDirectory.path() + "swift-vdso-"
    // String's contentsOfFile stops after the first read of a /proc file.
    let bytes = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd()
    return String(decoding: bytes ?? Data(), as: UTF8.self).split(separator: "\n").filter { line in
      let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      let path = fields.count > 5 ? fields[5].drop { $0 == " " } : ""
      return path.hasPrefix(temporary) || path.hasPrefix("/memfd:") && fields[1].contains("w")
    }.map { "mapping \($0)" }
  }

  /// Foundation keeps a pair of sockets, and keeps pipes until another thread releases their owner, which the check waits for.
  private static let foundationsStreams = 8

  private static var streams: [String: String] { openDescriptors.filter { !atStart.contains($0.key) && isStream($0) } }

  private static func isStream(_ descriptor: (key: String, value: String)) -> Bool {
    descriptor.value.hasPrefix("socket:") || descriptor.value.hasPrefix("pipe:")
  }

  private static var openDescriptors: [String: String] {
    let folder = "/proc/self/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let targets = names.compactMap { name in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")).map { (name, $0) }
    }
    return Dictionary(targets) { $1 }
  }
}
