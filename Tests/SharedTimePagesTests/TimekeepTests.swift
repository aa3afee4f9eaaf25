// SPDX-License-Identifier: Apache-2.0

import ELF
import Foundation
import SharedTimePages
import TestSupport
import Testing

extension Timehands {
  /// A random state whose seconds fit into 32 bits, with a counter of a megahertz or more.
  static func random(using generator: inout SeededGenerator) -> Timehands {
    var hands = Timehands()
    hands.generation = .random(in: 0...3, using: &generator)
    hands.scale = .random(in: 0...1 << 44, using: &generator)
    hands.offsetCount = .random(in: .min ... .max, using: &generator)
    hands.counterMask = UInt32.max >> UInt32.random(in: 0...8, using: &generator)
    hands.offset = BinaryTime(
      seconds: .random(in: 0...1 << 29, using: &generator), fraction: .random(in: .min ... .max, using: &generator))
    hands.bootTime = BinaryTime(
      seconds: .random(in: 0...1 << 29, using: &generator), fraction: .random(in: .min ... .max, using: &generator))
    hands.machineWord = .random(in: 0...31, using: &generator)
    return hands
  }
}

@Suite("FreeBSD's shared page, copied")
struct TimekeepTests {
  private static func random(using generator: inout SeededGenerator) -> Timekeep {
    let empty = [UInt8](repeating: 0, count: TimekeepFormat.native.byteCount)
    // A page can only be made by decoding.
    guard var page = try? Timekeep(decoding: empty, as: .native) else { fatalError("the size is right") }
    page.version = .random(in: 0...3, using: &generator) == 0 ? 2 : 1
    page.isEnabled = .random(in: 0...3, using: &generator) != 0
    page.current = .random(in: 0...4, using: &generator)
    page.timehands = (0..<4).map { _ in .random(using: &generator) }
    return page
  }

  @Test(
    "computes from FreeBSD's page the times that an independent reader in C computes",
    arguments: [("-m64", Machine.x86_64), ("-m32", .i386)])
  func independentReader(flag: String, machine: Machine) throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    let format = TimekeepFormat(machine: machine, byteOrder: .littleEndian)
    var bytes: [UInt8] = []
    var expected: [String] = []
    for _ in 0..<500 {
      let page = Self.random(using: &generator)
      let count = UInt32.random(in: .min ... .max, using: &generator)
      bytes += page.encoded(as: format)
      ByteOrder.littleEndian.append(count, to: &bytes)
      if let hands = try? page.currentTimehands() {
        let (uptime, date) = (hands.uptime(count: count), hands.date(count: count))
        expected.append("\(uptime.seconds) \(uptime.fraction) \(date.seconds) \(date.fraction)")
      } else {
        expected.append("none")
      }
    }
    let directory = try TemporaryDirectory()
    let reader = try Fixtures.compile("time-pages/freebsd.c", with: ["gcc-12", flag], in: directory)
    try Data(bytes).write(to: URL(filePath: "\(directory.path)/pages"))
    let shown = try Command.run([reader, "\(directory.path)/pages"]).output.split(separator: "\n").map(String.init)
    #expect(shown == expected)
    #expect(expected.count { $0 != "none" } > 50 && expected.contains("none"))
  }

  @Test("decodes FreeBSD's page from its encoding, in every layout and byte order")
  func roundTrip() throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    for machine in [Machine.i386, .x86_64, .aarch64, .riscv, .ppc64] {
      for order in [ByteOrder.littleEndian, .bigEndian] {
        let format = TimekeepFormat(machine: machine, byteOrder: order)
        let page = Self.random(using: &generator)
        let bytes = page.encoded(as: format)
        #expect(bytes.count == format.byteCount)
        #expect(try Timekeep(decoding: bytes, as: format) == page)
        #expect(throws: TimePageError.tooShort(byteCount: bytes.count - 1, needed: bytes.count)) {
          try Timekeep(decoding: Array(bytes.dropLast()), as: format)
        }
      }
    }
  }

  @Test("returns a reason in place of a time that FreeBSD's page doesn't have")
  func refusals() throws {
    var page = try Timekeep(
      decoding: [UInt8](repeating: 0, count: TimekeepFormat.native.byteCount), as: .native)
    #expect(throws: TimePageError.unknownVersion(0)) { try page.currentTimehands() }
    page.version = 1
    #expect(throws: TimePageError.disabled) { try page.currentTimehands() }
    page.isEnabled = true
    #expect(throws: TimePageError.busy) { try page.currentTimehands() }
    page.current = 4
    #expect(throws: TimePageError.badIndex(4)) { try page.currentTimehands() }
    page.current = .max
    #expect(throws: TimePageError.busy) { try page.currentTimehands() }
  }

  @Test("returns a reason in place of a time by a counter that programs can't read here")
  func counters() throws {
    var hands = Timehands()
    let x86 = TimekeepFormat(machine: .x86_64, byteOrder: .littleEndian)
    for algorithm in [TimekeepAlgorithm.hpet, .hyperV, .paravirtual] {
      hands.algorithm = algorithm
      #expect(throws: TimePageError.needsDevice(algorithm)) { try hands.readCounter(x86) }
    }
    hands.algorithm = TimekeepAlgorithm(rawValue: 9)
    #expect(throws: TimePageError.unknownAlgorithm(hands.algorithm)) { try hands.readCounter(x86) }
    hands.algorithm = .counter
    hands.machineWord = 1
    let other = TimekeepFormat(machine: .riscv, byteOrder: .littleEndian)
    #expect(throws: TimePageError.foreignCounter) { try hands.readCounter(other) }
  }

  @Test("adds and subtracts whole nanoseconds with a carry")
  func binaryTime() {
    for nanoseconds in [0, 1, 2, 999_999_999, 500_000_000, 123_456_789] as [UInt32] {
      #expect(BinaryTime(seconds: 5, nanoseconds: nanoseconds).nanoseconds == nanoseconds)
    }
    let half = BinaryTime(seconds: 1, fraction: 1 << 63)
    #expect(half + half == BinaryTime(seconds: 3))
    #expect(BinaryTime(seconds: 3) - half == half)
    #expect(BinaryTime(seconds: -1, fraction: 5) < BinaryTime(seconds: 0))
  }
}
