// SPDX-License-Identifier: Apache-2.0

/// What is known of a process that was started by execve to load a program, and has since made no timer and changed no signal's action.
///
/// Then the loader doesn't look for these. The descriptors that are closed on exec are the process's own.
public struct NewProcess: Hashable, Sendable {
  private let limit: Int

  /// `descriptorTableSize` is the size of the process's table of descriptors when it was started, which /proc/PID/status shows.
  public init(descriptorTableSize: Int) { limit = descriptorTableSize }

  /// The descriptors that can be open; nil if those that are open can be listed sooner.
  ///
  /// The kernel gives the lowest number that is free, and the table at least doubles when it grows.
  var descriptors: [Int32]? { (1...256).contains(limit) ? Array(0..<Int32(2 * limit)) : nil }
}
