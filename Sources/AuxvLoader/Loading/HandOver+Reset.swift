// What execve(2) resets of a process, as system calls.

import CLinux
import Glibc

/// Places in the scratch memory that some calls point at.
struct HandOverScratch: Hashable, Sendable {
  /// A `struct sigaction` of zeros: the default action.
  var defaultAction: UInt64
  /// The same with SIG_IGN.
  var ignoringAction: UInt64
  /// A `stack_t` that says SS_DISABLE.
  var disabledStack: UInt64
  /// The program's name, at most 15 bytes and a null.
  var name: UInt64
  /// A `struct prctl_mm_map` without an executable.
  var memoryMap: UInt64
  /// The same with one, for those who may change it.
  var memoryMapWithExecutable: UInt64
}

extension HandOver {
  /// The calls that make the process what execve would have made it, memory aside.
  static func reset(_ state: ProcessState, _ scratch: HandOverScratch) -> [Call] {
    var calls: [Call] = []
    if state.rseqArea != 0 {
      // The kernel would go on writing to memory that is no more.
      calls.append(
        Call(name: .rseq, number: linux_call_rseq, arguments: [state.rseqArea, 32, 1, 0x5305_3053], isFatal: true))
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
    return calls
  }

  /// The calls that leave nothing mapped but `kept`, which are in rising order, and give the process's memory the bounds
  /// and the executable that /proc shows. A kernel may refuse the last two; the program runs all the same.
  static func memory(
    keeping kept: [Range<UInt64>], staleStack: Range<UInt64>, _ scratch: HandOverScratch
  ) -> [Call] {
    var calls = kept.complement(in: Self.userAddresses).map { range in
      Call(
        name: .munmap, number: linux_call_munmap, arguments: [range.lowerBound, UInt64(range.count)], isFatal: true)
    }
    if !staleStack.isEmpty {
      calls.append(
        Call(
          name: .madvise, number: linux_call_madvise,
          arguments: [staleStack.lowerBound, UInt64(staleStack.count), 4 /* MADV_DONTNEED */]))
    }
    for map in [scratch.memoryMap, scratch.memoryMapWithExecutable] {
      calls.append(
        Call(
          name: .prctl, number: linux_call_prctl,
          arguments: [35 /* PR_SET_MM */, 14 /* PR_SET_MM_MAP */, map, 104, 0]))
    }
    return calls
  }

  /// The calls that close `descriptors` and clear the thread registers: libc is gone after them.
  static func last(closing descriptors: [Int32]) -> [Call] {
    descriptors.map { Call(name: .close, number: linux_call_close, arguments: [UInt64($0)]) }
      + [
        Call(name: .archPrctl, number: linux_call_arch_prctl, arguments: [0x1002 /* ARCH_SET_FS */, 0]),
        Call(name: .archPrctl, number: linux_call_arch_prctl, arguments: [0x1001 /* ARCH_SET_GS */, 0]),
      ]
  }

  static var mprotectNumber: Int { linux_call_mprotect }

  /// From the least address that may be mapped to the end of 47 bits.
  private static let userAddresses: Range<UInt64> = 0x1_0000..<0x7fff_ffff_f000
}
