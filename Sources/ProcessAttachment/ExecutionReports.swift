// SPDX-License-Identifier: Apache-2.0

import CLinux
import ELF
import ExecEngine
import ProcessSupport

/// The kernel's reports of the programs that processes of one PID namespace execute.
///
/// They begin with the initialization. The descriptors stay open in processes that this one starts.
public struct ExecutionReports: Sendable {
  private let socket: Int32
  private let namespace: Int32

  /// Reports of the namespace of `process`, and no namespace below it.
  public init(namespaceOf process: Int32) throws(AttachError) {
    let namespace = linux_open_pid_namespace(process)
    guard namespace >= 0 else {
      throw AttachError(SystemError("open /proc/\(process)/ns/pid", errno: Errno(result: namespace)))
    }
    let socket = linux_listen_for_executions()
    guard socket >= 0 else {
      linux_close(namespace)
      throw AttachError(Self.reason(socket))
    }
    (self.socket, self.namespace) = (socket, namespace)
  }

  private static func reason(_ result: Int32) -> String {
    switch Errno(result: result) {
    case .notPermitted: "the kernel reports them only with CAP_NET_ADMIN in the first user namespace"
    case .notSupported: "the kernel reports them only in its first PID and network namespaces"
    case let errno: "the kernel doesn't report them (\(errno))"
    }
  }

  /// What the process needs that reads them.
  public var descriptors: [Int32] { [socket, namespace] }

  /// What to wait for.
  var descriptor: Int32 { socket }

  enum Report {
    /// This process has executed a program.
    case execution(Int32)
    /// Some reports were lost.
    case gap
  }

  /// The next report; nil if there is none yet.
  func next() -> Report? {
    switch linux_next_execution(socket) {
    case let process where process > 0: .execution(process)
    case -Int32(LINUX_ENOBUFS): .gap
    default: nil
    }
  }

  /// Whether a process is of the namespace; nil if it is gone.
  func includes(_ process: Int32) -> Bool? {
    let result = linux_is_in_pid_namespace(process, namespace)
    return result < 0 ? nil : result == 1
  }

  /// The processes of the namespace.
  var processes: [Int32] { ProcessExtent.all().filter { includes($0) == true && ProcessExtent.isAttachable($0) } }

  /// Tells the kernel that they are no longer read, by any process.
  public func end() {
    linux_end_executions(socket)
    close()
  }

  /// Leaves them to other processes.
  public func close() {
    for descriptor in descriptors { linux_close(descriptor) }
  }
}
