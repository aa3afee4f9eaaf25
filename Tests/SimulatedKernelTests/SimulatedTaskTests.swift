// SPDX-License-Identifier: Apache-2.0

import CVDSO
import SimulatedKernel
import Testing
import VDSOImages

@Suite("Simulated tasks")
struct SimulatedTaskTests {
  private let page = AddressSpace.pageSize
  private let base = UInt64(VDSO_USER_BASE)

  private func mapper(
    _ architecture: VDSOImages.Architecture = .i386, clockSource: ClockSource = .tick
  ) throws -> TaskMapper {
    var kernel = SimulatedKernel(architecture: architecture, clockSource: clockSource)
    try kernel.initialize()
    return try TaskMapper(kernel)
  }

  /// A page that holds `byte` alone.
  private func filled(_ byte: UInt8) -> [UInt8] { Array(repeating: byte, count: Int(page)) }

  private func anonymous(at address: UInt64, _ inheritance: Inheritance = .copy) -> MapEntry {
    MapEntry(
      address: address, object: MemoryObject(), protection: [.read, .write], maximumProtection: [.read, .write],
      inheritance: inheritance)
  }

  @Test(
    "maps three pages with their protections into a simulated task, and keeps what lies between them",
    arguments: VDSOImages.Architecture.allCases)
  func protections(architecture: VDSOImages.Architecture) throws {
    let task = SimulatedTask(architecture: architecture)
    let shared = try mapper(architecture)
    let code = try shared.map(into: task)
    #expect(code == base)
    let stride = architecture.pageStride
    let (gaps, pages) = (
      task.addressSpace.entries.filter { (base - $0.address) % stride != 0 },
      task.addressSpace.entries.filter { (base - $0.address) % stride == 0 }
    )
    #expect(pages.map(\.address) == [code - 2 * stride, code - stride, code])
    #expect(pages.map(\.object).first === shared.timeObject)
    #expect(pages.map(\.protection) == [.read, .read, [.read, .execute]])
    #expect(pages.map(\.maximumProtection) == [.read, .read, [.read, .execute]])
    // Nothing else can be mapped in the gaps, and they can't be made accessible.
    #expect(gaps.count == 2 * (Int(stride / page) - 1))
    for gap in gaps {
      #expect(throws: KernReturn.protectionFailure) { try task.addressSpace.protect(gap.address, .read) }
    }
    shared.unmap(from: task)
    #expect(task.addressSpace.entries.isEmpty)
  }

  @Test("refuses a simulated task to make a page writable or to write to it")
  func writing() throws {
    let task = SimulatedTask(architecture: .i386)
    let code = try mapper().map(into: task)
    for address in [code - 2 * page, code - page, code] {
      #expect(throws: KernReturn.protectionFailure) { try task.addressSpace.protect(address, [.read, .write]) }
      #expect(throws: KernReturn.protectionFailure) { try task.addressSpace.write(filled(0), at: address) }
    }
    #expect(throws: KernReturn.protectionFailure) { try task.addressSpace.access(code - page, .execute) }
    try task.addressSpace.protect(code, .read)
    #expect(throws: KernReturn.protectionFailure) { try task.addressSpace.access(code, .execute) }
  }

  @Test("keeps a maximum protection lowered")
  func maximum() throws {
    var space = AddressSpace(limit: 0x10000)
    try space.insert(anonymous(at: 0x2000))
    try space.protect(0x2000, .read, setMaximum: true)
    #expect(throws: KernReturn.protectionFailure) { try space.protect(0x2000, [.read, .write], setMaximum: true) }
    #expect(throws: KernReturn.protectionFailure) { try space.write(filled(1), at: 0x2000) }
  }

  @Test("maps the pages elsewhere if VDSO_USER_BASE is in use", arguments: [-2, -1, 0])
  func collision(pages: Int64) throws {
    let task = SimulatedTask(architecture: .i386)
    let taken = UInt64(Int64(base) + pages * Int64(page))
    try task.addressSpace.insert(anonymous(at: taken))
    let mapper = try mapper()
    #expect(throws: KernReturn.noSpace) { try mapper.map(into: task, at: .exactly(base)) }
    #expect(task.codePage == nil)
    let code = try mapper.map(into: task)
    #expect(code == taken + 3 * page)
    #expect(mapper.address(of: .time, in: task) == code + 0x300)
  }

  @Test("leaves a simulated task without space unchanged and without pages")
  func noSpace() throws {
    var space = AddressSpace(limit: 4 * page)
    try space.insert(anonymous(at: 2 * page))
    #expect(throws: KernReturn.noSpace) { try space.freeAddress(near: page, pageCount: 3) }
    #expect(throws: KernReturn.noSpace) { try space.insert(anonymous(at: 2 * page)) }
    #expect(throws: KernReturn.invalidAddress) { try space.insert(anonymous(at: 4 * page)) }
    #expect(throws: KernReturn.invalidAddress) { try space.insert(anonymous(at: .max - page + 1)) }
    #expect(try space.freeAddress(near: 3 * page, pageCount: 1) == 3 * page)
    #expect(space.entries.count == 1)
  }

  @Test("maps the pages at different addresses if they are to be random")
  func randomAddresses() throws {
    let mapper = try mapper()
    let addresses = try (0..<64).map { _ in
      try mapper.map(into: SimulatedTask(architecture: .i386), at: .random)
    }
    // There are 786,000 addresses. The probability that three of 64 coincide is about 1 in 15 million.
    #expect(Set(addresses).count > 61)
    #expect(addresses.allSatisfy { $0 % page == 0 && $0 < 0xc000_0000 })
  }

  @Test("shares the time page with child tasks, which see later updates")
  func timeIsShared() throws {
    let mapper = try mapper(clockSource: .tick)
    let task = SimulatedTask(architecture: .i386)
    let code = try mapper.map(into: task)
    let child = try task.fork()
    let before = try child.addressSpace.read(code - 2 * page, count: 4096)
    #expect(try task.addressSpace.read(code - 2 * page, count: 4096) == before)
    mapper.tick()
    let after = try child.addressSpace.read(code - 2 * page, count: 4096)
    #expect(after != before)
    #expect(try task.addressSpace.read(code - 2 * page, count: 4096) == after)
  }

  @Test("doesn't share the identity page: a child task finds no valid id")
  func identityIsNot() throws {
    let task = SimulatedTask(architecture: .i386)
    let code = try mapper().map(into: task, identities: [TaskIdentity(.processID, 42)])
    let child = try task.fork()
    #expect(Array(try task.addressSpace.read(code - page + 4, count: 8)) == [1, 0, 0, 0, 42, 0, 0, 0])
    #expect(try child.addressSpace.read(code - page, count: 4096).allSatisfy { $0 == 0 })
    #expect(throws: KernReturn.protectionFailure) { try child.addressSpace.protect(code - page, [.read, .write]) }
  }

  @Test("passes each mapping on to a child task by its inheritance")
  func inheritance() throws {
    let task = SimulatedTask(architecture: .x86_64)
    for (index, inheritance) in [Inheritance.share, .copy, .none, .zero].enumerated() {
      let address = UInt64(index + 1) * page
      try task.addressSpace.insert(anonymous(at: address, inheritance))
      try task.addressSpace.write(filled(7), at: address)
    }
    let child = try task.fork()
    for address in stride(from: page, through: 4 * page, by: Int(page)) {
      try task.addressSpace.write(filled(8), at: address)
    }
    #expect(try child.addressSpace.read(page, count: 1) == [8])
    #expect(try child.addressSpace.read(2 * page, count: 1) == [7])
    #expect(throws: KernReturn.invalidAddress) { try child.addressSpace.read(3 * page, count: 1) }
    #expect(try child.addressSpace.read(4 * page, count: 1) == [0])
  }

  @Test("removes the pages when a task ends, at the address where they were mapped")
  func ending() throws {
    let mapper = try mapper()
    let task = SimulatedTask(architecture: .i386)
    let elsewhere: UInt64 = 0x1000_0000
    #expect(try mapper.map(into: task, at: .exactly(elsewhere)) == elsewhere)
    try task.addressSpace.insert(anonymous(at: base))
    mapper.unmap(from: task)
    #expect(task.addressSpace.entries.map(\.address) == [base])
    #expect(task.auxiliaryEntries.isEmpty)
    try task.terminate()
    #expect(task.addressSpace.entries.isEmpty)
    #expect(throws: KernReturn.invalidDestination) { try task.terminate() }
    #expect(throws: KernReturn.invalidDestination) { try task.fork() }
    #expect(throws: KernReturn.invalidAddress) { try task.addressSpace.insert(anonymous(at: base)) }
  }

  @Test("refuses to map pages of another architecture")
  func wrongArchitecture() throws {
    let mapper = try mapper()
    #expect(throws: KernReturn.invalidArgument) { try mapper.map(into: SimulatedTask(architecture: .x86_64)) }
  }

  @Test("writes all of a range of a task or nothing")
  func partialWrite() throws {
    var space = AddressSpace(limit: 0x10000)
    try space.insert(anonymous(at: 0x2000))
    #expect(throws: KernReturn.invalidAddress) { try space.write(filled(1) + filled(2), at: 0x2000) }
    #expect(try space.read(0x2fff, count: 1) == [0])
    #expect(throws: KernReturn.invalidAddress) { try space.read(.max, count: 2) }
  }
}
