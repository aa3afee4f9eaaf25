// SPDX-License-Identifier: Apache-2.0

// Assumes: there is one thread. The memory that the kernel is given here (alternate stack, timer, pointers) stays mapped until the process
// ends.

import CLinux
import Glibc

/// Attributes of a process that no program may inherit through execve.
enum Disorder {
  static func make() {
    catchSignals()
    setAlternateStack()
    createTimer()
    leaveDescriptors()
    setAttributes()
    setRegisters()
    _ = dirtyStack(depth: 64)
  }

  private static func catchSignals() {
    var action = sigaction()
    action.sa_flags = SA_NOCLDSTOP | SA_RESTART
    unsafe sigaction(SIGURG, &action, nil)
    for number in [SIGHUP, SIGUSR2, SIGSEGV, 64] {
      _ = signal(number) { _ in }
    }
  }

  private static func setAlternateStack() {
    var stack = unsafe stack_t()
    unsafe stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: 65536, alignment: 16)
    unsafe stack.ss_size = 65536
    precondition(unsafe sigaltstack(&stack, nil) == 0)
  }

  private static func createTimer() {
    var event = unsafe sigevent()
    unsafe event.sigev_notify = Int32(SIGEV_NONE)
    var timer: timer_t? = nil
    precondition(unsafe timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
  }

  private static func leaveDescriptors() {
    for _ in 0..<3 { precondition(unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) }
  }

  private static func setAttributes() {
    // Locks all memory if there is no limit, else one page.
    if mlockall(Int32(MCL_CURRENT)) != 0 {
      let page = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 4096)
      precondition(unsafe mlock(page, 4096) == 0)
    }
    _ = linux_syscall(linux_call_prctl, 4 /* PR_SET_DUMPABLE */, 0, 0, 0, 0, 0)
    _ = linux_syscall(linux_call_prctl, 8 /* PR_SET_KEEPCAPS */, 1, 0, 0, 0, 0)
    _ = linux_syscall(linux_call_personality, 0x40_0000 /* READ_IMPLIES_EXEC */, 0, 0, 0, 0, 0)
  }

  private static func setRegisters() {
    precondition(fesetround(FE_UPWARD) == 0)
    #if arch(x86_64)
      _ = linux_syscall(linux_call_arch_prctl, 0x1001 /* ARCH_SET_GS */, 0x1234_5678, 0, 0, 0, 0)
    #endif
  }

  /// Leaves a quarter of a mebibyte of bytes that aren't zero below the stack pointer.
  @inline(never)
  private static func dirtyStack(depth: Int) -> UInt8 {
    let bytes = InlineArray<4096, UInt8>(repeating: 0xa5)
    return depth == 0 ? bytes[0] : bytes[depth] &+ dirtyStack(depth: depth - 1)
  }
}
