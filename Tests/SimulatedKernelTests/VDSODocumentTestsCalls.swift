// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulatedKernel
import TestSupport
import Testing
import VDSOImages

@Suite("Design document: basic calls")
struct VDSODocumentTestsCalls {
  /// Runs a 32-bit program on the pages that a task of a simulated kernel sees, at VDSO_USER_BASE.
  private func run(_ kernel: SimulatedKernel, _ arguments: [String] = []) throws -> Command.Result {
    var kernel = kernel
    try kernel.initialize()
    let task = SimulatedTask(architecture: .i386)
    let code = try TaskMapper(kernel).map(into: task, identities: [TaskIdentity(.processID, 4711)])
    let pages = try task.addressSpace.read(code - 2 * AddressSpace.pageSize, count: 3 * Int(AddressSpace.pageSize))
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/pages"
    try Data(pages).write(to: URL(filePath: file))
    let program = try Fixtures.compile(
      "images/document-calls.c", with: ["gcc", "-m32", "-D_GNU_SOURCE", "-I/usr/include/x86_64-linux-gnu"],
      in: directory)
    return try Command.run([program, file] + arguments)
  }

  @Test(
    "calls at 0x100, 0x200, 0x300 and 0x400 above VDSO_USER_BASE return the system's time and the task's process id")
  func systemTime() throws {
    let result = try run(SimulatedKernel(architecture: .i386, clockSource: .host))
    #expect(result.status == 0, "\(result.output)")
  }

  @Test("calls in the Mach flavor return only the page's time")
  func pageTime() throws {
    let seconds: Int64 = 951_782_400
    let kernel = SimulatedKernel(
      architecture: .i386, flavor: .mach, clockSource: .fixed, epoch: Timespec(seconds: seconds))
    let result = try run(kernel, ["\(seconds)"])
    #expect(result.status == 0, "\(result.output)")
  }
}
