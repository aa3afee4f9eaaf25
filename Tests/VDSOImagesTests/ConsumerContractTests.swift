// SPDX-License-Identifier: Apache-2.0

import ConsumerContract
import ELF
import Testing
import VDSOImages

/// A change that breaks a rule of the consumers.
struct ContractFlaw: Sendable, CustomTestStringConvertible {
  var rule: String
  var architecture: VDSOImages.Architecture = .x86_64
  var make: @Sendable (inout ImageEditor) throws -> Void

  var testDescription: String { rule }

  /// Makes a function's symbol an object, which consumers skip.
  static func function(_ name: String) -> ContractFlaw {
    ContractFlaw(rule: name) { try $0.setSymbol("__vdso_" + name, .info, 0x11) }
  }
}

@Suite("The consumers' contract")
struct ConsumerContractTests {
  static let flaws =
    [
      ContractFlaw(rule: "readable") { try $0.setValue(of: .symbols) { _ in 0x10000 } },
      ContractFlaw(rule: "header") { $0.store(9, at: 7, size: 1) },
      ContractFlaw(rule: "header") { $0.store(63, at: 52, size: 2) },
      ContractFlaw(rule: "one segment") { try $0.setProgramHeader(.note, .type, 1) },
      ContractFlaw(rule: "executable segment") { try $0.setProgramHeader(.load, .flags, 4) },
      ContractFlaw(rule: "offsets") { try $0.setProgramHeader(.dynamic, .address, 0x10) },
      ContractFlaw(rule: "no thread-local storage") { try $0.setProgramHeader(.note, .type, 7) },
      ContractFlaw(rule: "no interpreter") { try $0.setProgramHeader(.stack, .type, 0x6474_e552) },
      ContractFlaw(rule: "no relocations") { try $0.setTag(.symbolSize, to: 7) },
      ContractFlaw(rule: "sizes") { try $0.setTag(.symbolSize, to: 21) },
      ContractFlaw(rule: "hash table") {
        try $0.setTag(.hashTable, to: 21)
        try $0.setTag(.gnuHashTable, to: 21)
      },
      ContractFlaw(rule: "DT_HASH") { try $0.setTag(.hashTable, to: 21) },
      ContractFlaw(rule: "whole hash tables") { $0.store(0, at: try $0.value(of: .hashTable) + 8, size: 4) },
      ContractFlaw(rule: "whole hash tables") { $0.store(0, at: try $0.value(of: .gnuHashTable) + 16, size: 8) },
      ContractFlaw(rule: "version table") { try $0.setTag(.versionDefinitions, to: 21) },
      ContractFlaw(rule: "clock_gettime64", architecture: .i386) {
        $0.store(0x51, at: try $0.place(of: "__vdso_clock_gettime64") + 7, size: 1)
      },
      ContractFlaw(rule: "__kernel_vsyscall", architecture: .i386) { $0.store(0x100, at: 24, size: 4) },
      ContractFlaw(rule: "functions inside") { try $0.setSymbol("__vdso_getpid", .value, 0x2000) },
      ContractFlaw(rule: "gap for a jump") { editor in
        let symbol = try ELFImage(bytes: editor.bytes).dynamicSymbols().symbol(named: "__vdso_getuid")
        try editor.setSymbol("__vdso_getpid", .value, Int(try #require(symbol).value) + 4)
      },
      ContractFlaw(rule: "gap after names") { try $0.extendStringsToPageEnd() },
      ContractFlaw(rule: "system call") { $0.replace([0x0f, 0x05], with: [0x90, 0x90]) },
      ContractFlaw(rule: "unwind table") { try $0.setProgramHeader(.unwindTable, .fileSize, 0) },
      ContractFlaw(rule: "soname") { try $0.setValue(of: .soname) { $0 + 1 } },
      ContractFlaw(rule: "section headers") { $0.store(0, at: 40, size: 8) },
    ] + ["clock_gettime", "gettimeofday", "time", "clock_getres", "getcpu", "getrandom"].map(ContractFlaw.function)

  /// The names of the rules that an image breaks.
  private func broken(_ bytes: [UInt8]) throws -> Set<String> {
    Set(ConsumerContract.violations(in: try ELFImage(bytes: bytes)).map(\.rule.name))
  }

  @Test("our images keep the consumers' contract", arguments: VDSOImages.Architecture.allCases)
  func ours(architecture: VDSOImages.Architecture) throws {
    #expect(try broken(BuiltImage(architecture).bytes) == [])
  }

  @Test("a change to one thing breaks the contract's rule for it", arguments: flaws)
  func flaw(_ flaw: ContractFlaw) throws {
    var editor = try ImageEditor(flaw.architecture)
    try flaw.make(&editor)
    #expect(try broken(editor.bytes).contains(flaw.rule))
  }

  @Test("an image that lacks a function of newer kernels is older, one whose function can't be used is broken")
  func older() throws {
    func isAbsence(_ rule: String, _ make: (inout ImageEditor) throws -> Void, _ architecture: VDSOImages.Architecture)
      throws -> Bool?
    {
      var editor = try ImageEditor(architecture)
      try make(&editor)
      return ConsumerContract.violations(in: try ELFImage(bytes: editor.bytes)).first { $0.rule.name == rule }?
        .isAbsence
    }
    let renamed = { (editor: inout ImageEditor) in
      editor.store(0x51, at: try editor.place(of: "__vdso_clock_gettime64") + 7, size: 1)
    }
    #expect(try isAbsence("clock_gettime64", renamed, .i386) == true)
    #expect(try isAbsence("getrandom", ContractFlaw.function("getrandom").make, .x86_64) == false)
    #expect(try isAbsence("clock_gettime", ContractFlaw.function("clock_gettime").make, .x86_64) == false)
  }

  @Test("each rule of the contract has a flaw that breaks it, and names the consumers and the effect")
  func complete() {
    #expect(Set(Self.flaws.map(\.rule)) == Set(ConsumerContract.rules.map(\.name)))
    #expect(ConsumerContract.rules.allSatisfy { !$0.consumers.isEmpty && !$0.statement.isEmpty })
    #expect(Set(ConsumerContract.rules.map(\.name)).count == ConsumerContract.rules.count)
  }
}
