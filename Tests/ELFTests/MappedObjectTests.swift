// SPDX-License-Identifier: Apache-2.0

import ELF
import Glibc
import TestSupport
import Testing

/// Bytes in front of a page that can't be read: reading past their end ends the process.
@safe struct GuardedBytes: ~Copyable {
  private let memory: UnsafeMutableRawPointer
  private let pages: Int
  let address: UInt
  let count: Int

  init(_ bytes: [UInt8]) throws {
    let pages = (bytes.count + 4095) / 4096 * 4096
    let mapped = unsafe mmap(nil, pages + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    let memory = unsafe try #require(mapped)
    try #require(unsafe mprotect(memory + pages, 4096, PROT_NONE) == 0)
    unsafe (memory + (pages - bytes.count)).copyMemory(from: bytes, byteCount: bytes.count)
    (self.pages, count, address) = (pages, bytes.count, UInt(bitPattern: memory) + UInt(pages - bytes.count))
    unsafe self.memory = memory
  }

  deinit { unsafe munmap(memory, pages + 4096) }

  func object() throws(ELFError) -> MappedObject {
    unsafe try MappedObject(mappedAt: address, byteCount: UInt(count))
  }
}

@Suite("Mapped objects")
struct MappedObjectTests {
  private static let names = [
    SymbolName("__vdso_clock_gettime", gnuHash: ELFHash.gnu("__vdso_clock_gettime")),
    SymbolName("clock_gettime", gnuHash: ELFHash.gnu("clock_gettime")),
    SymbolName("__vdso_time", gnuHash: ELFHash.gnu("__vdso_time")),
    SymbolName("__vdso_tim", gnuHash: ELFHash.gnu("__vdso_tim")),
    SymbolName("__vdso_getcpu", gnuHash: ELFHash.gnu("__vdso_getcpu")),
    SymbolName("LINUX_2.6", gnuHash: ELFHash.gnu("LINUX_2.6")),
  ]

  /// Which hash tables an image has.
  static let tables: [(hash: Bool, gnuHash: Bool)] = [(true, true), (true, false), (false, true), (false, false)]

  @Test("finds in a mapped object what libelf's reader finds, with either hash table, both or none", arguments: 0..<4)
  func agreement(choice: Int) throws {
    var builder = ELFImageBuilder(.native)
    (builder.hasHashTable, builder.hasGNUHashTable) = Self.tables[choice]
    builder.baseAddress = 0xffff_ffff_ff70_0000
    builder.versions = ["LINUX_2.6", "LINUX_2.5"]
    builder.symbols += [
      .init("__vdso_time", at: 0xa00, version: 1, isHidden: true), .init("__vdso_tim", at: 0xb00, section: 0),
      .init("__vdso_getcp", at: 0xc00, info: 0x02),
    ]
    let bytes = try GuardedBytes(builder.build().bytes)
    let object = try bytes.object()
    let symbols = try ELFImage(bytes: builder.build().bytes).dynamicSymbols()
    var found = 0
    for name in Self.names {
      for version: StaticString? in ["LINUX_2.6", "LINUX_2.5", "LINUX_9", nil] {
        let expected = try symbols.target(named: name.text, version: version)
        let match = try version.map { version throws(ELFError) in try object.match(version) } ?? .any
        let target = try object.target(named: name, match)
        #expect(target?.value == expected.map { UInt($0.value) }, "\(name.text) \(version.map { "\($0)" } ?? "any")")
        #expect(target?.type == expected?.type)
        if target != nil { found += 1 }
      }
    }
    #expect(found >= 10)
    #expect(object.loadBias == bytes.address &- 0xffff_ffff_ff70_0000)
    #expect(object.isCode(0xffff_ffff_ff70_0800) && !object.isCode(0xffff_ffff_ff70_1000) && !object.isCode(0x800))
  }

  @Test("accepts any version in a mapped object that defines none")
  func noVersions() throws {
    var builder = ELFImageBuilder(.native)
    builder.hasVersions = false
    let bytes = try GuardedBytes(builder.build().bytes)
    let object = try bytes.object()
    #expect(try object.target(named: Self.names[0], object.match("LINUX_2.6"))?.value == 0x800)
  }

  @Test("refuses mapped objects of another class or byte order", arguments: ELFVariant.all)
  func foreign(variant: ELFVariant) throws {
    let bytes = try GuardedBytes(ELFImageBuilder(variant).build().bytes)
    let kind = unsafe try MappedObject.kind(mappedAt: bytes.address, byteCount: UInt(bytes.count))
    #expect(kind.elfClass == variant.elfClass && kind.byteOrder == variant.byteOrder && kind.machine == .x86_64)
    if variant.elfClass == .native, variant.byteOrder == .native {
      _ = try bytes.object()
    } else {
      #expect(throws: ELFError.self) { _ = try bytes.object() }
    }
  }

  @Test("reads nothing outside a randomly damaged mapped object, and never contradicts libelf's reader")
  func randomDamage() throws {
    let seed = UInt64.random(in: .min ... .max)
    print("seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    var refused = 0
    var found = 0
    for round in 0..<6000 {
      var builder = ELFImageBuilder(.native)
      (builder.hasHashTable, builder.hasGNUHashTable) = Self.tables[round % 4]
      let built = builder.build()
      var bytes = built.bytes
      let tables = 0..<built.offsets.dynamicValue[0, default: 0] + 8
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: tables, using: &generator)] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator)!
      }
      let guarded = try GuardedBytes(bytes)
      for name in Self.names {
        do throws(ELFError) {
          let object = try guarded.object()
          guard let target = try object.target(named: name, object.match("LINUX_2.6")) else { continue }
          found += 1
          // If libelf's reader accepts the image too, both give the same result.
          if let symbols = try? ELFImage(bytes: bytes, layout: .memory).dynamicSymbols(),
            let expected = try? symbols.target(named: name.text, version: "LINUX_2.6")
          {
            #expect(UInt(expected.value) == target.value, "\(name.text), seed \(seed)")
          }
        } catch {
          refused += 1
        }
      }
    }
    // Enough of the damage has reached the checks, and not everything was refused.
    #expect(refused > 1000 && found > 1000)
  }
}
