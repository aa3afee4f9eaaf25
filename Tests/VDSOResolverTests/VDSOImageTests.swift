// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import Glibc
import TestSupport
import Testing
import VDSOResolver

@Suite("vDSO images")
struct VDSOImageTests {
  @Test("resolves in the kernel's vDSO what dlsym finds there")
  func live() throws {
    let image = try VDSOImage.current()
    let handle = unsafe dlopen("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD)
    try #require(unsafe handle != nil)
    var served = 0
    for function in VDSOFunction.allCases {
      let expected = unsafe dlsym(handle, "__vdso_\(function.name)")
      switch image.resolve(function) {
      case .vdso(let address):
        #expect(address == UInt64(UInt(bitPattern: expected)), "\(function)")
        served += 1
      case .trap(let reason):
        #expect(UInt(bitPattern: expected) == 0, "\(function): \(reason)")
      }
    }
    #expect(served >= 4)
    #expect(image.resolve(.getpid) == .trap(.missingSymbol))
    #expect(image.resolve(.clockGettime64) == .trap(.notOnArchitecture))
  }

  @Test("reads the same vDSO through the auxiliary vector, libc and the address")
  func ways() throws {
    let vector = try VDSOImage(AuxiliaryVector.current())
    let libc = try VDSOImage.current()
    #expect(vector.address == libc.address)
    #expect(try vector.fingerprint() == libc.fingerprint())
    #expect(vector.object.buildID?.count == 20)
  }

  @Test("distinguishes vDSO images by their fingerprint")
  func fingerprint() throws {
    let one = try VDSOImage(mappedAt: MappedImage(functions: [("__vdso_time", Code.returning(1))]).address)
    let same = try VDSOImage(mappedAt: MappedImage(functions: [("__vdso_time", Code.returning(2))]).address)
    let other = try VDSOImage(mappedAt: MappedImage(functions: [("__vdso_getcpu", Code.returning(1))]).address)
    #expect(try one.fingerprint() == same.fingerprint())
    #expect(try one.fingerprint() != other.fingerprint())
  }

  @Test("resolves every architecture's vDSO functions by its own names and version", arguments: VDSOCatalog.all)
  func catalog(entry: VDSOCatalog) throws {
    let order: ByteOrder = entry.machine == .s390 ? .bigEndian : .littleEndian
    var builder = ELFImageBuilder(ELFVariant(entry.elfClass ?? .bits64, order))
    builder.machine = entry.machine
    builder.versions = ["\(entry.version)"]
    builder.byteCount = 0x2000
    builder.symbols = VDSOFunction.allCases.enumerated().map {
      .init("\(entry.symbolName($1))", at: UInt64(0x1000 + 64 * $0))
    }
    let image = try VDSOImage(SharedObject(ELFImage(bytes: builder.build().bytes)), mappedAt: 0x7000_0000)
    for (index, function) in VDSOFunction.allCases.enumerated() {
      let expected: Resolution =
        entry.contains(function)
        ? .vdso(address: UInt64(0x7000_1000 + 64 * index)) : .trap(.notOnArchitecture)
      #expect(image.resolve(function) == expected, "\(function)")
    }
    #expect(entry.linuxFunctions.contains(.clockGettime) && !entry.linuxFunctions.contains(.getpid))
  }

  @Test("knows the right hash of every vDSO name", arguments: VDSOFunction.allCases, [VDSOPrefix.vdso, .kernel])
  func hashes(function: VDSOFunction, prefix: VDSOPrefix) {
    let symbol = function.symbol(prefix)
    #expect(symbol.gnuHash == ELFHash.gnu("\(symbol.text)"))
  }

  @Test("resolves for calls what it resolves for reading")
  func callsAgree() throws {
    let image = try VDSOImage.current()
    let vdso = VDSO.current()
    for function in VDSOFunction.allCases {
      #expect(vdso.resolution(of: function) == image.resolve(function), "\(function)")
    }
  }

  @Test("gives a reason for each vDSO symbol that it refuses")
  func reasons() throws {
    let image = try MappedImage(functions: []) {
      $0.versions = ["LINUX_2.6", "LINUX_9"]
      $0.symbols = [
        .init("__vdso_time", at: 0x800, version: 1), .init("__vdso_getcpu", at: 0x800, info: 0x11),
        .init("__vdso_clock_getres", at: 0x1000), .init("__vdso_gettimeofday", at: 0x800, info: 0x10),
        .init("__vdso_getrandom", at: 0x800, section: 0),
      ]
    }
    let resolved = try VDSOImage(mappedAt: image.address)
    let calls = VDSO(mappedAt: image.address)
    for function in VDSOFunction.allCases {
      #expect(calls.resolution(of: function) == resolved.resolve(function), "\(function)")
    }
    #expect(resolved.resolve(.time) == .trap(.wrongVersion))
    #expect(resolved.resolve(.getcpu) == .trap(.notFunction(.object)))
    #expect(resolved.resolve(.clockGetres) == .trap(.outsideCode(address: 0x1000)))
    #expect(resolved.resolve(.gettimeofday) == .vdso(address: image.address + 0x800))
    #expect(resolved.resolve(.getrandom) == .trap(.missingSymbol))
    #expect(resolved.resolve(.clockGettime) == .trap(.missingSymbol))
  }

  @Test("falls back to system calls for a wrong auxiliary vector, without a crash")
  func wrongVectors() throws {
    #expect(throws: TrapReason.noVDSO) { try VDSOImage(AuxiliaryVector()) }
    #expect(throws: TrapReason.noVDSO) { try VDSOImage(AuxiliaryVector([.init(.vdso, 0)])) }
    let page = try #require(AuxiliaryVector.current()[.vdso])
    for address in [0x1000, page + 8, .max, 0x8000_0000_0000, .max & ~4095] as [UInt64] {
      #expect(throws: TrapReason.unreadable(address: address)) {
        try VDSOImage(AuxiliaryVector([.init(.vdso, address)]))
      }
    }
    let notAnImage = try MappedImage(functions: []) { $0.type = .executable }
    #expect(throws: TrapReason.notSharedObject) { try VDSOImage(mappedAt: notAnImage.address) }
  }

  @Test("reads no further than memory goes if a vDSO claims more")
  func exaggeratedSize() throws {
    var built = ELFImageBuilder().build()
    built.writer.rewrite(UInt64.max / 2, at: built.offsets.programHeaders + 32)
    built.writer.rewrite(UInt64.max / 2, at: built.offsets.programHeaders + 40)
    let memory = unsafe try #require(mmap(nil, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    defer { unsafe munmap(memory, 8192) }
    unsafe memory.copyMemory(from: built.bytes, byteCount: 4096)
    try #require(unsafe mprotect(memory + 4096, 4096, PROT_NONE) == 0)
    let image = try VDSOImage(mappedAt: UInt64(UInt(bitPattern: memory)))
    #expect(image.object.byteCount == 4096)
    #expect(image.resolve(.time) == .vdso(address: image.address + 0x880))
  }
}
