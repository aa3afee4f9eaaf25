// SPDX-License-Identifier: Apache-2.0

// The C interface to attaching. vdso_session.h describes each function.
//
// Assumes that pointers from C are null or valid for their type, as the header requires. Lists of strings and of file actions live
// through the call that they are passed to.

import CLinux
import CVDSOSession
import Glibc
import ProcessSupport
import VirtualTime

@c @implementation
public func vdso_session_attach(
  _ process: Int32, _ specification: UnsafePointer<CChar>!, _ clocks: Int32, _ reason: UnsafeMutablePointer<CChar>!,
  _ size: Int
) -> Int32 {
  unsafe attempt(reason, size) { () throws(ControlError) in
    var words = ["attach", "\(process)"]
    if let specification = unsafe specification { words += ["--time", unsafe text(specification)] }
    switch clocks {
    case VDSO_SESSION_SAME: break
    case VDSO_SESSION_REALTIME: words += ["--clock", "REALTIME"]
    case VDSO_SESSION_ALL: words += ["--clock", "all"]
    default: throw ControlError("there are no clocks \(clocks): pass VDSO_SESSION_SAME, _REALTIME or _ALL")
    }
    try runLauncher(words)
  }
}

@c @implementation
public func vdso_session_detach(_ process: Int32, _ reason: UnsafeMutablePointer<CChar>!, _ size: Int) -> Int32 {
  unsafe attempt(reason, size) { () throws(ControlError) in try runLauncher(["detach", "\(process)"]) }
}

/// Runs demo-loader: a process of one thread, from which the session's supervisor can be forked.
private func runLauncher(_ words: [String]) throws(ControlError) {
  let program = unsafe getenv("DEMO_LOADER").map { unsafe String(cString: $0) } ?? "demo-loader"
  // Sockets, because they are closed on exec from the start: other threads may start programs too.
  var ends: [Int32] = [-1, -1]
  let result = unsafe linux_stream_pair(&ends)
  guard result == 0 else {
    throw ControlError(SystemError("make a pair of sockets", errno: Errno(rawValue: -result)).description)
  }
  defer { close(ends[0]) }
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
  unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
  var arguments = unsafe ([program] + words).map { unsafe strdup($0) } + [nil]
  defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
  var process: pid_t = 0
  let error = unsafe posix_spawnp(&process, program, &actions, nil, &arguments, Glibc.environ)
  close(ends[1])
  guard error == 0 else {
    throw ControlError(
      SystemError("run \(program)", errno: Errno(rawValue: error)).description
        + ": install it, or set DEMO_LOADER to its path")
  }
  let output = try everything(from: ends[0])
  var status: Int32 = 0
  guard retryingLibc({ Int(unsafe waitpid(process, &status, 0)) }) == Int(process) else {
    throw ControlError("whether \(program) succeeded is unknown, because this process waited for all its children")
  }
  guard status != 0 else { return }
  let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
  let prefix = "demo-loader: "
  let line = lines.last.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : String($0) }
  throw ControlError(line ?? "\(program) has ended with status \(status)")
}

private func everything(from descriptor: Int32) throws(ControlError) -> [UInt8] {
  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = retryingLibc { unsafe read(descriptor, &buffer, buffer.count) }
    guard count >= 0 else {
      throw ControlError(SystemError("read from demo-loader", errno: Errno(result: count)).description)
    }
    guard count > 0 else { return output }
    output += buffer.prefix(count)
  }
}
