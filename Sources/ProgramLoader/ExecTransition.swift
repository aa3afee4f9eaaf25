// SPDX-License-Identifier: Apache-2.0

import ELF

/// What is left to do when a program is in memory and its loader has to vanish: system calls, a stack, an entry.
///
/// A plain value, made before anything of it is done: it can be printed, compared and tested. Between `first` and `then` come calls that
/// unmap what is mapped at that moment and not in `kept`.
struct ExecTransition: Sendable {
  /// A system call. Addresses in it are those of memory that is still there when its turn comes.
  struct Call: Hashable, Sendable {
    var name: StaticName
    var number: Int
    var arguments: [UInt64]
    var failure = Failure.ignored
    /// How many of the calls after it are left out where it returns 0, where it returns more, and where it fails.
    var skipsOnZero: UInt8 = 0
    var skipsOnPositive: UInt8 = 0
    var skipsOnFailure: UInt8 = 0
    /// How many calls further one gets the result as its first argument, or 0.
    var resultGoesTo: UInt8 = 0
  }

  /// What becomes of a call that fails.
  enum Failure: Hashable, Sendable {
    /// It is as good as success.
    case ignored
    /// A line says so on standard error, and the program is entered.
    case told(Message)
    /// A line says so on standard error, and the process ends with exit status 126.
    case fatal(Message)
  }

  /// What can be said of a failed call, in front of the error's number.
  enum Message: Int, Hashable, Sendable, CaseIterable {
    case rseq, stack, move, kernelVDSO, executable
  }

  /// What must be done for /proc/self/exe to lead to the program.
  enum ExecutableLink: Hashable, Sendable {
    /// It does.
    case right
    /// It can be set with the right to.
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
  /// What stays mapped while calls are made, in rising order, no two touching.
  var kept: [Range<UInt64>]
  var stack: InitialStack
  /// The program's, or its interpreter's, first instruction.
  var entry: UInt64
  /// Where memory that stays holds a system call and `ret`, or nil: then the page of the last code stays mapped.
  var gadget: UInt64?
  /// Of the program: with four the processor is switched to 32-bit code.
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
