// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
import ELF
import ExecEngine
import ProcessSupport

/// Maps our pages in a running process, by calls that one of its threads makes.
struct PagePlacement {
  private static let page = UInt64(VDSO_PAGE_SIZE)
  private static let stride = UInt64(VDSO_PAGE_STRIDE)
  // PROT_* and MAP_*.
  private static let (readable, writable, executable): (UInt64, UInt64, UInt64) = (1, 2, 4)
  private static let (shared, privately, fixed, anonymous): (UInt64, UInt64, UInt64, UInt64) = (1, 2, 0x10, 0x20)
  private static let closedOnExec: UInt64 = 0x4000_0000  // MSG_CMSG_CLOEXEC

  let process: Int32
  /// A stopped thread of the process.
  let task: TracedTask
  /// The address of the time page, which the identity page, the code page and the record follow.
  let base: UInt64
  /// The bytes of the code page and the record.
  let code: [UInt8]
  let site: CallSite

  private var numbers: CallNumbers { site.numbers }
  private var size: UInt64 { 2 * Self.stride + UInt64(code.count) }

  /// Maps all pages, or none. If the process's time namespace `isElsewhere`, it gets the session's page for other namespaces.
  func place(_ supply: PageProvider, isElsewhere: Bool) throws(AttachError) {
    guard linux_may_write_files(process, UInt64(code.count)) else {
      throw AttachError(
        "process \(process) may not make a file of \(code.count) bytes: raise its limit (prlimit --fsize)")
    }
    try withCalls { calls throws(AttachError) in
      let flags = Self.privately | Self.anonymous | UInt64(LINUX_MAP_FIXED_NOREPLACE)
      let found = try calls.require(
        "map memory", numbers.mmap, base, size, Self.readable | Self.writable, flags, .max, 0)
      do throws(AttachError) {
        guard found == base else {
          throw AttachError(
            "process \(process) has mapped something where the pages would go: try again", mayPass: true)
        }
        try fill(supply, isElsewhere, calls)
      } catch {
        _ = try? calls.call(numbers.munmap, found, size)
        throw error
      }
    }
  }

  /// Unmaps them, and calls `notify` before and after that.
  func remove(_ notify: (CallInjector) throws(AttachError) -> Void = { _ in }) throws(AttachError) {
    try withCalls { calls throws(AttachError) in
      try notify(calls)
      try calls.require("unmap the pages", numbers.munmap, base, size)
      try notify(calls)
    }
  }

  private func withCalls(_ body: (CallInjector) throws(AttachError) -> Void) throws(AttachError) {
    let calls = try CallInjector(task, site)
    do throws(AttachError) {
      try body(calls)
    } catch {
      try? calls.end()
      throw error
    }
    try calls.end()
  }

  private func fill(_ supply: PageProvider, _ isElsewhere: Bool, _ calls: CallInjector) throws(AttachError) {
    let memory = ProcessMemory(pid: task.id)
    // The data of calls lies where the time page will be.
    var data = TaskData(at: base)
    let name = data.append(Array("vdso-code".utf8) + [0])
    let passing = DescriptorPassing(site.width, in: &data)
    try write(data.bytes, at: base, memory)
    let codeAddress = base + 2 * Self.stride
    try write(code, at: codeAddress, memory)

    let file = try calls.require("make a file", numbers.memfdCreate, name, UInt64(LINUX_MEMORY_FILE_FLAGS))
    defer { _ = try? calls.call(numbers.close, file) }
    let written = try calls.require("write a file", numbers.write, file, codeAddress, UInt64(code.count))
    guard written == UInt64(code.count) else {
      throw AttachError("process \(process) can't write a file of \(code.count) bytes")
    }
    try calls.require("seal a file", numbers.fcntl, file, UInt64(LINUX_F_ADD_SEALS), UInt64(LINUX_SEALS))
    try calls.require(
      "map the code page", numbers.mmap, codeAddress, UInt64(code.count), Self.readable | Self.executable,
      Self.privately | Self.fixed, file, 0)
    try calls.require(
      "make a socket", numbers.socketpair, DescriptorPassing.unix, DescriptorPassing.streamClosedOnExec, 0,
      passing.sockets)
    let sockets = [number(at: passing.sockets, memory), number(at: passing.sockets + 4, memory)]
    defer { for socket in sockets { _ = try? calls.call(numbers.close, socket) } }
    supply.withTimePageForProgram { passing.send($0, to: process, memory) }
    try calls.require(
      "receive the time page", numbers.recvmsg, sockets[1], passing.message,
      DescriptorPassing.dontWait | Self.closedOnExec)
    let timePage = number(at: passing.received, memory)
    defer { _ = try? calls.call(numbers.close, timePage) }
    try calls.require(
      "map the time page", numbers.mmap, base, Self.page, Self.readable, Self.shared | Self.fixed, timePage,
      isElsewhere ? numbers.pageOffsetUnit : 0)
    // The identity page is all zeros, so no id in it is valid.
    try calls.require("protect a page", numbers.mprotect, base + Self.stride, Self.page, Self.readable)
  }

  private func number(at address: UInt64, _ memory: ProcessMemory) -> UInt64 {
    UInt64(ByteOrder.littleEndian.word(UInt32.self, in: memory.bytes(at: address, count: 4), at: 0) ?? .max)
  }

  private func write(_ bytes: [UInt8], at address: UInt64, _ memory: ProcessMemory) throws(AttachError) {
    try attempt { () throws(SystemError) in try memory.write(bytes, at: address) }
  }
}
