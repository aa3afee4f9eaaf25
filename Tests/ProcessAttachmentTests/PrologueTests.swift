// SPDX-License-Identifier: Apache-2.0

import ELF
import Testing

@testable import ProcessAttachment

@Suite("First instructions of functions that attach changes")
struct PrologueTests {
  private static let (address, place): (UInt64, UInt64) = (0xf7f8_5700, 0xf7f0_0200)
  /// `mov (%esp), %edi; ret`
  private static let positionFunction: [UInt8] = [0x8b, 0x3c, 0x24, 0xc3]

  private func prologue(
    _ code: [UInt8], _ width: ELFClass = .bits32, calling called: [UInt8] = [], to place: UInt64 = place
  ) throws -> Prologue {
    try Prologue(
      of: code + [UInt8](repeating: 0x90, count: 64), at: Self.address, movedTo: place, width, called: called)
  }

  private func word(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    ByteOrder.littleEndian.append(UInt32(truncatingIfNeeded: value), to: &bytes)
    return bytes
  }

  /// A jump back from the end of moved code of `count` bytes to the instruction at `offset`.
  private func jumpBack(_ count: UInt64, _ offset: UInt64, from place: UInt64 = place) -> [UInt8] {
    [0xe9] + word(Self.address &+ offset &- (place &+ count &+ 5))
  }

  @Test("a call that returns its own address is moved as a load of the address in the function")
  func positionFunctions() throws {
    let moved = try prologue([0xe8, 0xc1, 0x11, 0, 0], calling: Self.positionFunction)
    #expect(moved.length == 5)
    #expect(moved.moved == [0xbf] + word(Self.address + 5) + jumpBack(5, 5))
    // push %ebp; mov %esp, %ebp; push %ebx; call: it begins before the end of the jump.
    let late = try prologue([0x55, 0x89, 0xe5, 0x53, 0xe8, 0xc1, 0x11, 0, 0], calling: Self.positionFunction)
    #expect(late.length == 9)
    #expect(late.moved == [0x55, 0x89, 0xe5, 0x53, 0xbf] + word(Self.address + 9) + jumpBack(9, 9))
    #expect(late.starts.map { $0.original } == [0, 1, 3, 4])
    // call of the next instruction, as before a pop
    let next = try prologue([0xe8, 0, 0, 0, 0, 0x5b])
    #expect(next.moved == [0x68] + word(Self.address + 5) + jumpBack(5, 5))
  }

  @Test("the function that a 32-bit function calls is found, also where addresses wrap around")
  func calledFunctions() {
    func called(_ code: [UInt8], _ width: ELFClass = .bits32) -> UInt64? {
      Prologue.calledFunction(of: code, at: Self.address, width)
    }
    #expect(called([0x55, 0xe8, 0xc1, 0x11, 0, 0]) == Self.address + 6 + 0x11c1)
    #expect(called([0xe8, 0xfb, 0xff, 0xff, 0x7f]) == 0x77f8_5700)
    #expect(called([0x55, 0x89, 0xe5, 0x57, 0x56, 0xe8, 0, 0, 0, 0]) == nil)
    #expect(called([0xe8, 0xc1, 0x11, 0, 0], .bits64) == nil)
  }

  @Test("32-bit instructions are told from 64-bit ones of the same bytes")
  func widths() throws {
    // inc %eax, in 64-bit code a prefix; mov of an absolute address
    let narrow = try prologue([0x40, 0xa1, 0x10, 0x20, 0x30, 0x40])
    #expect(narrow.moved == [0x40, 0xa1, 0x10, 0x20, 0x30, 0x40] + jumpBack(6, 6))
    #expect(throws: Prologue.Flaw.unknown) { _ = try prologue([0x40, 0xa1, 0x10, 0x20, 0x30, 0x40], .bits64) }
    // mov of an address that 64-bit code has as a distance
    let data: [UInt8] = [0x8b, 0x0d, 0x10, 0x20, 0x30, 0x40]
    #expect(try prologue(data).moved.prefix(6) == data[...])
    #expect(try prologue(data, .bits64).moved.prefix(6) != data[...])
  }

  @Test("a 32-bit jump reaches every address, and a 64-bit one 2 GiB")
  func distances() throws {
    let far: UInt64 = 0x1000_0000
    let moved = try prologue([0x55, 0x89, 0xe5, 0x57, 0x56], to: far)
    #expect(moved.moved == [0x55, 0x89, 0xe5, 0x57, 0x56] + jumpBack(5, 5, from: far))
    #expect(throws: Prologue.Flaw.unknown) { _ = try prologue([0x55, 0x48, 0x89, 0xe5, 0x57], .bits64, to: far) }
    let jump = try #require(Prologue.jump(at: Self.address, to: far, .bits32))
    #expect(Prologue.target(ofJump: jump, at: Self.address, .bits32) == far)
    #expect(Prologue.jump(at: Self.address, to: far, .bits64) == nil)
  }

  @Test("functions whose first instructions can't be moved are refused")
  func refusals() {
    // another call than of its own address
    #expect(throws: Prologue.Flaw.unknown) {
      _ = try prologue([0xe8, 0xc1, 0x11, 0, 0], calling: [0x31, 0xc0, 0xc3, 0])
    }
    #expect(throws: Prologue.Flaw.unknown) {
      _ = try prologue([0xe8, 0xc1, 0x11, 0, 0], .bits64, calling: Self.positionFunction)
    }
    #expect(throws: Prologue.Flaw.short) { _ = try prologue([0x31, 0xc0, 0xc3]) }
    #expect(throws: Prologue.Flaw.short) { _ = try prologue([0x55, 0xeb, 0x10]) }
    // A jump back behind a call in the rest of the function is seen.
    #expect(throws: Prologue.Flaw.loop) {
      _ = try prologue([0x55, 0x89, 0xe5, 0x57, 0x56, 0xe8, 0xc1, 0x11, 0, 0, 0xeb, 0xf5])
    }
  }
}
