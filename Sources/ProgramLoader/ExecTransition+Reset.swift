// SPDX-License-Identifier: Apache-2.0

// The system calls that reset what execve(2) resets in a process.

import CLinux
import Glibc

/// Addresses in the scratch memory that some calls use.
struct ExecTransitionScratch: Hashable, Sendable {
  /// A `struct sigaction` of zeros: the default action.
  var defaultAction: UInt64
  /// The same with SIG_IGN.
  var ignoringAction: UInt64
  /// A `stack_t` with SS_DISABLE.
  var disabledStack: UInt64
  /// The program's name, at most 15 bytes and a null.
  var name: UInt64
  /// A `struct prctl_mm_map` without an executable.
  var memoryMap: UInt64
  /// The same with an executable, if this process may change it.
  var memoryMapWithExecutable: UInt64
}

extension ExecTransition {
  /// The calls that put the process, except for its memory, into the state in which execve would have left it.
  static func reset(_ state: ProcessState, _ scratch: ExecTransitionScratch) -> [Call] {
    var calls: [Call] = []
    if state.rseqArea != 0 {
      // The kernel would continue to write to memory that is unmapped.
      calls.append(
        Call(
          name: .rseq, number: linux_call_rseq, arguments: [state.rseqArea, 32, 1, NativeABI.rseqSignature],
          failure: .fatal(.rseq)))
    }
    calls.append(Call(name: .setRobustList, number: linux_call_set_robust_list, arguments: [0, 24]))
    calls.append(Call(name: .setTIDAddress, number: linux_call_set_tid_address, arguments: [0]))
    calls.append(Call(name: .sigaltstack, number: linux_call_sigaltstack, arguments: [scratch.disabledStack, 0]))
    for (signals, action) in [
      (state.changedSignals, scratch.defaultAction), (state.ignoredSignals, scratch.ignoringAction),
    ] {
      for signal in signals {
        calls.append(
          Call(name: .sigaction, number: linux_call_rt_sigaction, arguments: [UInt64(signal), action, 0, 8]))
      }
    }
    for timer in state.timers {
      calls.append(Call(name: .timerDelete, number: linux_call_timer_delete, arguments: [UInt64(timer)]))
    }
    calls.append(Call(name: .munlockall, number: linux_call_munlockall, arguments: []))
    calls.append(Call(name: .prctl, number: linux_call_prctl, arguments: [4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0]))
    calls.append(Call(name: .prctl, number: linux_call_prctl, arguments: [8 /* PR_SET_KEEPCAPS */, 0, 0, 0, 0]))
    calls.append(
      Call(name: .prctl, number: linux_call_prctl, arguments: [15 /* PR_SET_NAME */, scratch.name, 0, 0, 0]))
    return calls + NativeABI.resets()
  }

  /// The calls that move parts of the program, which had to be mapped elsewhere, to addresses that are free now.
  static func moving(_ parts: [(part: Range<UInt64>, target: UInt64)]) -> [Call] {
    parts.map { part, target in
      Call(
        name: .mremap, number: linux_call_mremap,
        arguments: [
          part.lowerBound, UInt64(part.count), UInt64(part.count), 3 /* MREMAP_MAYMOVE, MREMAP_FIXED */, target,
        ],
        failure: .fatal(.move))
    }
  }

  /// The calls that discard what this process has left on its stack, and set the memory bounds and the executable that /proc shows. They
  /// come after everything of the old executable is unmapped, as the kernel requires.
  static func description(
    staleStack: Range<UInt64>, _ executable: ExecutableLink, _ scratch: ExecTransitionScratch
  ) -> [Call] {
    var calls: [Call] = []
    if !staleStack.isEmpty {
      calls.append(
        Call(
          name: .madvise, number: linux_call_madvise,
          arguments: [staleStack.lowerBound, UInt64(staleStack.count), 4 /* MADV_DONTNEED */]))
    }
    calls.append(setting(scratch.memoryMap))
    switch executable {
    case .right: return calls
    case .fixed: return calls + [setting(scratch.memoryMapWithExecutable, failure: .told(.executable))]
    case .settable: return calls + settingExecutable(scratch)
    }
  }

  private static func setting(_ map: UInt64, failure: Failure = .ignored) -> Call {
    Call(
      name: .prctl, number: linux_call_prctl, arguments: [35 /* PR_SET_MM */, 14 /* PR_SET_MM_MAP */, map, 104, 0],
      failure: failure)
  }

  /// Sets the executable, which needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE. If this process has neither, a child that shares its memory
  /// does it: in a user namespace of its own, which ends with it, the child has both.
  private static func settingExecutable(_ scratch: ExecTransitionScratch) -> [Call] {
    var own = setting(scratch.memoryMapWithExecutable)
    own.skipsOnZero = 4
    let flags = UInt64(LINUX_CLONE_VM | LINUX_CLONE_VFORK | LINUX_CLONE_NEWUSER)
    // No signal is sent when the child ends.
    let child = Call(
      name: .clone, number: linux_call_clone, arguments: [flags, 0, 0, 0, 0], failure: .told(.executable),
      skipsOnPositive: 2, skipsOnFailure: 3, resultGoesTo: 3)
    return [
      own, child, setting(scratch.memoryMapWithExecutable, failure: .told(.executable)),
      Call(name: .exit, number: linux_call_exit, arguments: [0]),
      Call(name: .wait, number: linux_call_wait4, arguments: [0, 0, UInt64(LINUX_WAIT_ALL), 0]),
    ]
  }

  /// The calls that move the break past all memory that it has had, for systems on which it can't be set. QEMU's user-mode emulation takes
  /// that memory for mapped, and would write to it after it was unmapped.
  static func movingBreak() -> [Call] {
    let brk = UInt64(bitPattern: Int64((try? Kernel.call(linux_call_brk, 0)) ?? 0))
    let end = (brk + (1 << 22)).roundedUp(to: ProgramLoader.pageSize)
    return [
      Call(name: .brk, number: linux_call_brk, arguments: [end]),
      Call(
        name: .munmap, number: linux_call_munmap,
        arguments: [brk.roundedUp(to: ProgramLoader.pageSize), end - brk.roundedUp(to: ProgramLoader.pageSize)]),
    ]
  }

  /// The calls that close `descriptors` and clear the thread pointer. Nothing may use libc after them.
  static func last(closing descriptors: [Int32]) -> [Call] {
    descriptors.map { Call(name: .close, number: linux_call_close, arguments: [UInt64($0)]) }
      + NativeABI.threadPointerResets
  }

  static var mprotectNumber: Int { linux_call_mprotect }
}
