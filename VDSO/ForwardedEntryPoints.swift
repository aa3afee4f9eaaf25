// SPDX-License-Identifier: Apache-2.0

// The entry points that the host's page has and this page doesn't serve itself. They are forwarded to the host's function, so that our page
// makes no program slower, or to the system call if the host has none.

import Guest

#if !arch(arm64)
  @c(vdso_getcpu)
  public func getcpu(
    _ cpu: UnsafeMutablePointer<UInt32>?, _ node: UnsafeMutablePointer<UInt32>?, _ unused: UnsafeMutableRawPointer?
  ) -> Int {
    if guest_host_has_getcpu() != 0 {
      return unsafe guest_host_getcpu(cpu, node, unused)
    }
    return guest_trap(GUEST_NR_GETCPU, Int(bitPattern: cpu), Int(bitPattern: node), 0)
  }
#endif

#if !arch(i386)
  /// Random bytes. A probe (`stateSize` all ones) asks for the size of the state. Without a host function the result is ENOSYS, and libc
  /// makes its own system call.
  @c(vdso_getrandom)
  public func getrandom(
    _ buffer: UnsafeMutableRawPointer?, _ size: UInt, _ flags: UInt32, _ state: UnsafeMutableRawPointer?,
    _ stateSize: UInt
  ) -> Int {
    if guest_host_has_getrandom() != 0 {
      return unsafe guest_host_getrandom(buffer, size, flags, state, stateSize)
    }
    if stateSize == UInt.max {
      return -38
    }
    return guest_trap(
      GUEST_NR_GETRANDOM, Int(bitPattern: buffer), Int(bitPattern: size), Int(flags))
  }
#endif

#if arch(riscv64)
  @c(vdso_riscv_hwprobe)
  public func hwprobe(
    _ pairs: UnsafeMutableRawPointer?, _ pairCount: UInt, _ cpuCount: UInt, _ cpus: UnsafeMutableRawPointer?,
    _ flags: UInt32
  ) -> Int {
    if guest_host_has_arch_specific() != 0 {
      return unsafe guest_host_arch_specific(pairs, pairCount, cpuCount, cpus, flags)
    }
    return guest_trap5(
      GUEST_NR_RISCV_HWPROBE, Int(bitPattern: pairs), Int(bitPattern: pairCount),
      Int(bitPattern: cpuCount), Int(bitPattern: cpus), Int(flags))
  }

  /// Makes written code visible to execution. The host's page makes a system call for it too.
  @c(vdso_flush_icache)
  public func flushICache(_ start: UnsafeMutableRawPointer?, _ end: UnsafeMutableRawPointer?, _ flags: UInt) -> Int {
    return guest_trap(
      GUEST_NR_RISCV_FLUSH_ICACHE, Int(bitPattern: start), Int(bitPattern: end), Int(bitPattern: flags))
  }
#endif
