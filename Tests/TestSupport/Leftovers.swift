// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What tests leave open or mapped in their own process: looked at when it ends, where VDSO_LEFTOVERS is set, as
/// Scripts/check-leftovers does. Processes and files that are left it sees by itself.
public enum Leftovers {
  /// Looks when the process ends, which fails then if something is left. Whatever tests use to make things asks for it.
  static let checkedAtExit: Void = {
    _ = atStart
    guard ProcessInfo.processInfo.environment["VDSO_LEFTOVERS"] != nil else { return }
    atexit {
      let left = Leftovers.descriptors + Leftovers.mappings
      guard !left.isEmpty else { return }
      FileHandle.standardError.write(Data("left in the tests' process:\n\(left.joined(separator: "\n"))\n".utf8))
      _exit(1)
    }
  }()

  /// The descriptors that the process was started with.
  private static let atStart = Set(openDescriptors.keys)

  /// Open files, sockets of sessions and what traces processes; not what Foundation has for its run loops and the ends of
  /// processes.
  public static var descriptors: [String] {
    let foundations = ["/dev/null", "anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[timerfd]"]
    let left = openDescriptors.filter { !atStart.contains($0.key) && !foundations.contains($0.value) }
    let streams = left.filter(isStream)
    let told = streams.count > foundationsStreams ? left : left.filter { !isStream($0) }
    return told.map { "descriptor \($0.key): \($0.value)" }
  }

  /// Mappings of temporary files, and of memory files that can be written: a writer's time page. What readers have of a page stays
  /// mapped by contract.
  public static var mappings: [String] {
    let temporary = FileManager.default.temporaryDirectory.path() + "swift-vdso-"
    // Not String's contentsOfFile, which ends after what /proc gives at once.
    let bytes = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd()
    return String(decoding: bytes ?? Data(), as: UTF8.self).split(separator: "\n").filter { line in
      let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      let path = fields.count > 5 ? fields[5].drop { $0 == " " } : ""
      return path.hasPrefix(temporary) || path.hasPrefix("/memfd:") && fields[1].contains("w")
    }.map { "mapping \($0)" }
  }

  /// Foundation keeps a pair of sockets, and pipes until their owner is released by another thread.
  private static let foundationsStreams = 8

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
