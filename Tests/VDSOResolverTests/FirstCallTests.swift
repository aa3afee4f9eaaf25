// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport
import Testing
import VDSOResolver

/// Shares a value among threads that can't be copied.
private final class SharedCalls: Sendable {
  let vdso: VDSO

  init(lazilyAt address: UInt64) {
    vdso = VDSO(mappedAt: address, eagerly: false)
  }
}

/// The calls that the signal handler makes, the number of its runs, and the number of wrong results.
private let interrupted = Atomic<UInt>(0)
private let handled = Atomic<Int>(0)
private let wrong = Atomic<Int>(0)

@Suite("First calls", .serialized)
struct FirstCallTests {
  @Test("answers every thread when many make the first call at once")
  func race() throws {
    let image = try MappedImage(functions: [("__vdso_getpid", Code.returning(7))])
    for _ in 0..<100 {
      let calls = SharedCalls(lazilyAt: image.address)
      let ready = Atomic<Int>(0)
      let right = Atomic<Int>(0)
      withThreads(8) {
        ready.add(1, ordering: .acquiringAndReleasing)
        while ready.load(ordering: .acquiring) < 8 {}
        if calls.vdso.getpid() == 7, calls.vdso.getppid() == getppid() { right.add(1, ordering: .relaxed) }
      }
      #expect(right.load(ordering: .relaxed) == 8)
      #expect(calls.vdso.resolution(of: .getpid) == .vdso(address: image.address + 0x800))
    }
  }

  @Test("answers a signal handler that interrupts the same thread's first call")
  func signalHandler() throws {
    let image = try MappedImage(functions: [("__vdso_getpid", Code.returning(7))])
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in
      guard let pointer = unsafe UnsafeRawPointer(bitPattern: interrupted.load(ordering: .acquiring)) else { return }
      let calls = unsafe Unmanaged<SharedCalls>.fromOpaque(pointer)
      if unsafe calls._withUnsafeGuaranteedRef({ $0.vdso.getpid() }) != 7 { wrong.add(1, ordering: .relaxed) }
      handled.add(1, ordering: .relaxed)
    }
    var before = sigaction()
    try #require(unsafe sigaction(SIGUSR2, &action, &before) == 0)
    defer { unsafe sigaction(SIGUSR2, &before, nil) }
    // The threads that run tests block signals.
    var mask = sigset_t()
    var blocked = sigset_t()
    unsafe sigemptyset(&mask)
    unsafe sigaddset(&mask, SIGUSR2)
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, &blocked)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    let thread = pthread_self()
    let stop = Atomic<Bool>(false)
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while !stop.load(ordering: .acquiring) { pthread_kill(thread, SIGUSR2) }
      ended.signal()
    }
    var rounds = 0
    // On a busy machine the sender may run seldom.
    while rounds < 100_000 ? handled.load(ordering: .acquiring) < 1000 : handled.load(ordering: .acquiring) < 100 {
      rounds += 1
      let calls = SharedCalls(lazilyAt: image.address)
      interrupted.store(UInt(bitPattern: unsafe Unmanaged.passUnretained(calls).toOpaque()), ordering: .releasing)
      for _ in 0..<20 where calls.vdso.getpid() != 7 { wrong.add(1, ordering: .relaxed) }
      interrupted.store(0, ordering: .releasing)
    }
    stop.store(true, ordering: .releasing)
    ended.wait()
    #expect(wrong.load(ordering: .acquiring) == 0)
  }
}
