// SPDX-License-Identifier: Apache-2.0

// A process of its own for steps that stop threads.
//
// Assumes: this process has one thread, which waits while the other process uses its memory.

import CLinux
import ExecEngine
import ProcessSupport

/// Executes steps that stop threads in a process whose end releases them.
///
/// The kernel releases all threads that a process traces at once when it ends. If they are released one by one, those that run already take the
/// processor from the tracer, and the others wait.
enum Tracer {
  private final class Step {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Executes `body` with the priority of `Urgency`, and returns when the threads that it has stopped are released.
  static func run<Result>(_ body: @escaping () throws(AttachError) -> Result) throws(AttachError) -> Result {
    var result: Result?
    var failure: AttachError?
    let step = Step {
      Urgency.begin()
      do throws(AttachError) { result = try body() } catch { failure = error }
    }
    // SAFETY: `step` lives until the call returns, and the process that uses it has ended then.
    let status = withExtendedLifetime(step) {
      unsafe linux_run_apart(
        { unsafe Unmanaged<Step>.fromOpaque($0!).takeUnretainedValue().body() },
        Unmanaged.passUnretained(step).toOpaque())
    }
    Urgency.end()
    if let failure { throw failure }
    guard let result else {
      throw AttachError(SystemError("the process that stops threads", errno: Errno(result: status)))
    }
    return result
  }
}
