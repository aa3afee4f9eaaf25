// SPDX-License-Identifier: Apache-2.0

// The standard error of a session.
//
// Assumes: the buffer that is passed to the kernel has the stated size.

import CLinux
import Glibc
import SimulatedKernel

/// The output for messages about a session's programs: the standard error that this process has when the value is made, wherever the
/// programs redirect theirs.
///
/// A reader of a pipe or a terminal waits until no process has it open. Therefore the descriptor doesn't count as open (`O_PATH`), and it
/// is reopened for each message. Something that this process may not reopen, such as a socket or another user's pipe, is borrowed. A
/// regular file is kept open: no reader waits for its end, and reopening it would overwrite its contents.
public struct SessionOutput: Sendable {
  private enum Way {
    case asItIs
    case openedAnew
    case borrowed
  }

  /// The descriptor, -1 if there is none to keep.
  private let descriptor: Int32
  private let way: Way

  /// The descriptors that a process which prints there must keep open.
  public var descriptors: [Int32] { descriptor < 0 ? [] : [descriptor] }

  /// Whether it is borrowed for each message.
  var isBorrowed: Bool { way == .borrowed }

  /// Takes this process's standard error, with a few system calls.
  public init() {
    guard linux_regular_file_size(2) < 0 else {
      (descriptor, way) = (linux_duplicate(2), .asItIs)
      return
    }
    let held = unsafe Self.path(2).withCString { unsafe linux_hold($0) }
    if Self.close(Self.open(held)) {
      (descriptor, way) = (held, .openedAnew)
      return
    }
    _ = Self.close(held)
    let process = linux_process_descriptor(getpid())
    let canBorrow = Self.close(linux_descriptor_of(process, 2))
    _ = Self.close(process)
    // If there is no other way, a message is worth more than the end of a pipe.
    (descriptor, way) = canBorrow ? (-1, .borrowed) : (linux_duplicate(2), .asItIs)
  }

  private static func path(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

  private static func open(_ held: Int32) -> Int32 {
    unsafe path(held).withCString { unsafe linux_open_for_writing($0) }
  }

  /// Closes a descriptor; returns whether there was one.
  private static func close(_ descriptor: Int32) -> Bool {
    if descriptor >= 0 { linux_close(descriptor) }
    return descriptor >= 0
  }

  private init(keeping descriptor: Int32) {
    (self.descriptor, way) = (descriptor, .asItIs)
  }

  /// This process's standard error, kept open: its reader waits, until `close`, for messages that are still to come.
  public static func keptOpen() -> SessionOutput { SessionOutput(keeping: linux_duplicate(2)) }

  /// Closes a descriptor that was kept open.
  public func close() {
    _ = Self.close(descriptor)
  }

  /// Prints lines at once, or not at all if there is no space, because the reader may wait for a program that waits for this process.
  /// `borrow` returns a descriptor to print to, which is closed afterwards, or -1.
  public func print(_ lines: [String], borrow: () -> Int32 = { -1 }) {
    guard !lines.isEmpty else { return }
    let text = Array(lines.map { "\($0)\n" }.joined().utf8)
    switch way {
    case .asItIs: Self.write(text, to: descriptor)
    case .openedAnew:
      Self.write(text, toAndClose: Self.open(descriptor))
    case .borrowed:
      Self.write(text, toAndClose: borrow())
    }
  }

  private static func write(_ text: [UInt8], toAndClose output: Int32) {
    guard output >= 0 else { return }
    write(text, to: output)
    linux_close(output)
  }

  private static func write(_ text: [UInt8], to output: Int32) {
    var state = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&state, 1, 0) > 0 else { return }
    _ = unsafe text.withUnsafeBytes { unsafe Glibc.write(output, $0.baseAddress, $0.count) }
  }
}
