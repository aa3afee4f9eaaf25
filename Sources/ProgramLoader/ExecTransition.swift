// SPDX-License-Identifier: Apache-2.0

import ELF

/// The last steps of loading, when the program is in memory and the loader must be removed: system calls, a stack, an entry.
///
/// A plain value, made before any step is done: it can be printed, compared and tested. Between `first` and `then` come calls that unmap
/// everything that is mapped at that moment and not in `kept`.
struct ExecTransition: Sendable {
  /// A system call. Its addresses must still be mapped when it is made.
  struct Call: Hashable, Sendable {
    var name: StaticName
    var number: Int
    var arguments: [UInt64]
    var failure = Failure.ignored
    /// The number of calls after it that are skipped if it returns 0, if it returns more, and if it fails.
    var skipsOnZero: UInt8 = 0
    var skipsOnPositive: UInt8 = 0
    var skipsOnFailure: UInt8 = 0
    /// The distance, in calls, to the call that gets the result as its first argument; 0 if none does.
    var resultGoesTo: UInt8 = 0
  }

  /// The reaction to a failed call.
  enum Failure: Hashable, Sendable {
    /// Failure is ignored.
    case ignored
    /// A message goes to standard error, and the program is entered.
    case told(Message)
    /// A message goes to standard error, and the process ends with exit status 126.
    case fatal(Message)
  }

  /// The text about a failed call, before the error's number.
  enum Message: Int, Hashable, Sendable, CaseIterable {
    case rseq, stack, move, kernelVDSO, executable
  }

  /// How /proc/self/exe can be made to lead to the program.
  enum ExecutableLink: Hashable, Sendable {
    /// It leads to the program already.
    case right
    /// It can be set by a process with the right to do so.
    case settable
    /// It can't be set here.
    case fixed
  }

  /// The name of a call, for people.
  enum StaticName: String, Hashable, Sendable {
    case rseq, setRobustList, setTIDAddress, sigaltstack, sigaction, timerDelete, munlockall, prctl
    case madvise, mprotect, mremap, munmap, close, archPrctl, clone, exit, wait, brk
  }

  var first: [Call]
  var then: [Call]
  /// The ranges that stay mapped while the calls are made, in rising order; no two of them touch.
  var kept: [Range<UInt64>]
  var stack: InitialStack
  /// The program's, or its interpreter's, first instruction.
  var entry: UInt64
  /// The address of a system call instruction and `ret` in memory that stays mapped; nil if there is none, and then the page of the last
  /// code stays mapped.
  var gadget: UInt64?
  /// The program's word size. If it is four, the processor is switched to 32-bit code.
  var wordSize: InitialStack.WordSize
}

extension ExecTransition.Message {
  /// The line's text for the program `path`, up to the error's number.
  func text(_ path: [UInt8]) -> [UInt8] {
    let name = String(decoding: path, as: UTF8.self).escapingControls
    let what =
      switch self {
      case .rseq: "cannot be started: this thread's restartable sequences can't be ended (rseq); error "
      case .stack:
        "cannot be started: it needs an executable stack, which is impossible here (mprotect): pass --engine exec; error "
      case .move: "cannot be started: its fixed addresses are not available (mremap): pass --engine exec; error "
      case .kernelVDSO:
        "cannot be started: the kernel's 32-bit vDSO can't be mapped (arch_prctl): pass --engine exec; error "
      case .executable:
        "its /proc/self/exe is demo-loader, and executing that starts demo-loader, because this process may not change it; error "
      }
    return Array("demo-loader: \(name): \(what)".utf8)
  }
}
