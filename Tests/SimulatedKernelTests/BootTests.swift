// SPDX-License-Identifier: Apache-2.0

import SimulatedKernel
import Synchronization
import Testing
import VDSOImages

/// A log that keeps its lines.
private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }

  var log: KernelLog { KernelLog { _, line in self.add(line) } }
}

@Suite("Boot")
struct BootTests {
  @Test("prints the documented boot lines in their order")
  func bootLines() throws {
    let lines = Lines()
    var kernel = SimulatedKernel(architecture: .i386, log: lines.log)
    try kernel.initialize()
    let documented = [
      "VDSO: Initializing Virtual Dynamic Shared Object support",
      "VDSO: i386 architecture initialization",
      "VDSO: Setting up i386 VDSO page at 0x",
      "VDSO: i386 VDSO page setup complete, used ",
      "VDSO: Initialization complete",
    ]
    let found = lines.all.filter { line in documented.contains { line.hasPrefix($0) } }
    #expect(found.count == documented.count)
    for (line, prefix) in zip(found, documented) {
      #expect(line.hasPrefix(prefix))
    }
  }

  @Test("boots once: a second call changes nothing and reports so")
  func secondCall() throws {
    let lines = Lines()
    var kernel = SimulatedKernel(architecture: .x86_64, log: lines.log)
    #expect(!kernel.isAvailable)
    try kernel.initialize()
    #expect(kernel.isAvailable)
    try kernel.initialize()
    #expect(lines.all.last == "VDSO: Already initialized")
  }

  @Test("refuses to boot a flavor that has no image")
  func noImage() {
    var kernel = SimulatedKernel(architecture: .riscv64, flavor: .mach)
    #expect(throws: KernelError.noImage(.riscv64, .mach)) { try kernel.initialize() }
    #expect(!kernel.isAvailable)
  }

  @Test("provides no page before it has booted")
  func notInitialized() {
    let kernel = SimulatedKernel(architecture: .x86_64)
    #expect(throws: KernelError.notInitialized) { try kernel.codePage(host: .none) }
  }
}
