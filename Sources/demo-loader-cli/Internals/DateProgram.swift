// SPDX-License-Identifier: Apache-2.0

// Asking date(1).
//
// Assumes: C strings and the pipe's ends live through the calls that they are passed to. No thread is started, for this process
// goes on to start a program.

import Glibc
import ProcessSupport

/// The command `date`, found in PATH.
enum DateProgram {
  /// What `date --date=WORDS` prints, in nanoseconds since the epoch; nil if it understands nothing, or isn't there.
  static func nanoseconds(_ words: String) -> Int64? {
    let parts = output(["date", "--date=\(words)", "+%s %N"])?.split { $0 == " " || $0 == "\n" }
    guard let parts, parts.count == 2, let seconds = Int64(parts[0]), let rest = Int64(parts[1]) else { return nil }
    return Int64(clamping: Int128(seconds) * 1_000_000_000 + Int128(rest))
  }

  /// The standard output of a command that succeeds; its errors are discarded.
  private static func output(_ command: [String]) -> String? {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var process: pid_t = 0
    var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
    let status = unsafe posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
    close(ends[1])
    guard status == 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 256)
    var count = 0
    while count < bytes.count {
      let left = bytes.count - count
      let result = retryingLibc {
        unsafe bytes.withUnsafeMutableBytes { unsafe read(ends[0], $0.baseAddress! + count, left) }
      }
      guard result > 0 else { break }
      count += result
    }
    var end: Int32 = 0
    _ = retryingLibc { Int(unsafe waitpid(process, &end, 0)) }
    return end == 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
