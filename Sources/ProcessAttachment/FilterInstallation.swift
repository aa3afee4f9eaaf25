// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import ExecEngine
import ProcessSupport

/// The installation of a session's filter in all threads of a running process, by calls that one of them makes.
///
/// It is the last step of attaching: a filter can't be taken off.
public struct FilterInstallation {
  /// The filter's instructions, 8 bytes each.
  let instructions: [UInt64]
  /// Passes the listening ends on, of which it gets copies; false if nothing listens there.
  let handOver: ([Int32]) -> Bool
  /// Whether it may be installed in processes that then gain no rights by execve any more.
  let mayTakeRights: Bool

  /// Why a process isn't followed that would lose rights.
  public static let takesRights =
    "following takes rights from it (no_new_privs): pass --follow to allow that, or --no-follow to omit this message"

  public init(instructions: [UInt64], mayTakeRights: Bool, handOver: @escaping ([Int32]) -> Bool) {
    (self.instructions, self.mayTakeRights, self.handOver) = (instructions, mayTakeRights, handOver)
  }

  /// A filter that is installed, whose thread has not gone on.
  struct Pending {
    /// A copy of the listening end.
    let listener: Int32
    /// Its number in the process.
    let number: UInt64
    let calls: CallInjector

    /// Closes the listening end in the process, and ends the calls.
    func finish() {
      _ = try? calls.call(calls.numbers.close, number)
      try? calls.end()
    }
  }

  static let scratchSize = 3840

  /// Installs it by a thread that has stopped, of a process all of whose threads have. `scratch` is so many bytes of its memory that no
  /// thread uses, and `site` where they make calls. With `givesUpRights` the process gains none by
  /// execve from then on, for good.
  func begin(
    by task: TracedTask, of process: Int32, _ site: CallSite, scratch: UInt64, givesUpRights: Bool
  ) throws(AttachError) -> Pending {
    guard task.id == process else {
      throw AttachError("its first thread has ended or can't be stopped, and others' descriptors can't be copied")
    }
    // A struct sock_fprog, and what it points at.
    var bytes: [UInt8] = []
    site.width.append(UInt64(instructions.count), to: &bytes)
    site.width.append(scratch + 2 * UInt64(site.width.wordSize), to: &bytes)
    for instruction in instructions { ByteOrder.littleEndian.append(instruction, to: &bytes) }
    guard bytes.count <= Self.scratchSize else { throw AttachError("the filter is too long") }
    try overwrite(bytes, in: process, at: scratch)
    defer { try? overwrite([UInt8](repeating: 0, count: bytes.count), in: process, at: scratch) }
    let calls = try CallInjector(task, site)
    do throws(AttachError) {
      return try begin(calls, process, scratch, givesUpRights)
    } catch {
      try? calls.end()
      throw error
    }
  }

  private func begin(
    _ calls: CallInjector, _ process: Int32, _ program: UInt64, _ givesUpRights: Bool
  ) throws(AttachError) -> Pending {
    if givesUpRights {
      try calls.require("set no_new_privs", calls.numbers.prctl, UInt64(LINUX_NO_NEW_PRIVILEGES), 1)
    }
    let operation = UInt64(LINUX_SECCOMP_SET_FILTER)
    let flags = UInt64(LINUX_SECCOMP_ALL_THREADS)
    let waiting = UInt64(LINUX_SECCOMP_WAIT_KILLABLE)
    var result = try calls.call(calls.numbers.seccomp, operation, flags | waiting, program)
    if Errno(result: result) == .invalidArgument {
      result = try calls.call(calls.numbers.seccomp, operation, flags, program)
    }
    guard result >= 0 else { throw AttachError(Self.reason(Errno(result: result))) }
    let listener = Self.copy(Int32(truncatingIfNeeded: result), of: process)
    guard listener >= 0 else {
      throw AttachError(SystemError("copy a descriptor of process \(process)", errno: Errno(result: listener)))
    }
    linux_tune_listener(listener)
    return Pending(listener: listener, number: UInt64(result), calls: calls)
  }

  private static func reason(_ error: Errno) -> String {
    switch error {
    case .resourceBusy:
      "another process intercepts its system calls already: if that is the supervisor of a session that is ending, try again"
    case .noSuchProcess: "its threads have different seccomp filters"
    default: "the kernel refuses a listener for system calls (\(error))"
    }
  }

  /// A copy of a descriptor of a process, or a negated error number.
  static func copy(_ number: Int32, of process: Int32) -> Int32 {
    let handle = linux_process_descriptor(process)
    guard handle >= 0 else { return -Errno.current.rawValue }
    defer { linux_close(handle) }
    return linux_descriptor_of(handle, number)
  }
}
