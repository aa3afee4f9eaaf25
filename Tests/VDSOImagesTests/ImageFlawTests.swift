// SPDX-License-Identifier: Apache-2.0

import ELF
import Testing
import VDSOImageRules
import VDSOImages

/// A change that breaks a rule.
struct ImageFlaw: Sendable, CustomTestStringConvertible {
  var rule: ImageRule
  var change: String
  var architecture: VDSOImages.Architecture = .x86_64
  var make: @Sendable (inout ImageEditor) throws -> Void

  var testDescription: String { "\(rule.rawValue): \(change)" }
}

@Suite("Broken images")
struct ImageFlawTests {
  static let headers = [
    ImageFlaw(rule: .onePage, change: "a page more") { $0.append(zeros: 4096) },
    ImageFlaw(rule: .sharedObject, change: "no magic number") { $0.store(0, at: 0, size: 1) },
    ImageFlaw(rule: .sharedObject, change: "OS ABI of GNU") { $0.store(3, at: 7, size: 1) },
    ImageFlaw(rule: .sharedObject, change: "a program") { $0.store(2, at: 16, size: 2) },
    ImageFlaw(rule: .headerSizes, change: "e_ehsize of 63") { $0.store(63, at: 52, size: 2) },
    ImageFlaw(rule: .entryPoint, change: "e_entry in a slot", architecture: .i386) { $0.store(0x100, at: 24, size: 4) },
    ImageFlaw(rule: .oneSegment, change: "writable") { try $0.setProgramHeader(.load, .flags, 7) },
    ImageFlaw(rule: .oneSegment, change: "more memory than file") { try $0.setProgramHeader(.load, .fileSize, 0xf00) },
    ImageFlaw(rule: .oneSegment, change: "not at address 0") { try $0.setProgramHeader(.load, .address, 0x1000) },
    ImageFlaw(rule: .programHeaders, change: "PT_TLS, no PT_NOTE") { try $0.setProgramHeader(.note, .type, 7) },
    ImageFlaw(rule: .programHeaders, change: "PT_GNU_RELRO") { try $0.setProgramHeader(.stack, .type, 0x6474_e552) },
    ImageFlaw(rule: .plainStack, change: "executable stack") { try $0.setProgramHeader(.stack, .flags, 7) },
    ImageFlaw(rule: .offsetsAreAddresses, change: "another address") { try $0.setProgramHeader(.note, .address, 0) },
    ImageFlaw(rule: .nothingWritable, change: "SHF_WRITE on .text") {
      let sections = Int(try ELFImage(bytes: $0.bytes).header.sectionHeaderOffset)
      $0.store(7, at: sections + 64 + 8, size: 1)
    },
  ]

  static let tables = [
    ImageFlaw(rule: .dynamicTags, change: "no DT_SYMENT") { try $0.setTag(.symbolSize, to: 21) },
    ImageFlaw(rule: .bothHashTables, change: "no DT_HASH") { try $0.setTag(.hashTable, to: 21) },
    ImageFlaw(rule: .bothHashTables, change: "no DT_GNU_HASH") { try $0.setTag(.gnuHashTable, to: 21) },
    ImageFlaw(rule: .bothHashTables, change: "an empty bucket of DT_HASH") {
      $0.store(0, at: try $0.value(of: .hashTable) + 8, size: 4)
    },
    ImageFlaw(rule: .bothHashTables, change: "a Bloom filter that lets nothing pass") {
      $0.store(0, at: try $0.value(of: .gnuHashTable) + 16, size: 8)
    },
    ImageFlaw(rule: .noRelocations, change: "DT_JMPREL") { try $0.setTag(.symbolSize, to: 23) },
    ImageFlaw(rule: .noRelocations, change: "DT_RELR") { try $0.setTag(.symbolSize, to: 36) },
    ImageFlaw(rule: .soname, change: "another name") { try $0.setValue(of: .soname) { $0 + 1 } },
    ImageFlaw(rule: .versions, change: "LINUX_2.7") { $0.store(0x37, at: try $0.place(of: "LINUX_2.6") + 8, size: 1) },
    ImageFlaw(rule: .roomForNames, change: "strings to the page's end") { try $0.extendStringsToPageEnd() },
    ImageFlaw(rule: .headerNote, change: "another owner") { $0.store(0x41, at: try $0.place(of: "VDS"), size: 1) },
    ImageFlaw(rule: .systemCall, change: "none") { $0.replace([0x0f, 0x05], with: [0x90, 0x90]) },
    ImageFlaw(rule: .unwindTable, change: "an empty index") { editor in
      let headers = try ELFImage(bytes: editor.bytes).programHeaders()
      let place = try #require(headers.first { $0.type == .unwindTable }).fileOffset
      editor.store(0, at: Int(place) + 8, size: 4)
    },
    ImageFlaw(rule: .unwindTable, change: "an entry that starts later") { editor in
      let headers = try ELFImage(bytes: editor.bytes).programHeaders()
      let place = Int(try #require(headers.first { $0.type == .unwindTable }).fileOffset) + 12
      editor.store(Int(editor.bytes[place]) + 1, at: place, size: 1)
    },
  ]

  static let symbols = [
    ImageFlaw(rule: .names, change: "no __vdso_getpid") {
      $0.store(0x51, at: try $0.place(of: "__vdso_getpid") + 7, size: 1)
    },
    ImageFlaw(rule: .functions, change: "an object") { try $0.setSymbol("__vdso_time", .info, 0x11) },
    ImageFlaw(rule: .functions, change: "a local function") { try $0.setSymbol("__vdso_time", .info, 0x02) },
    ImageFlaw(rule: .functionSizes, change: "15 bytes") { try $0.setSymbol("__vdso_time", .size, 15) },
    ImageFlaw(rule: .functionAlignment, change: "8 bytes on") { try $0.setSymbol("__vdso_time", .value, 0x368) },
    ImageFlaw(rule: .functionPlaces, change: "outside the page") { try $0.setSymbol("__vdso_time", .value, 0x2000) },
    ImageFlaw(rule: .functionPlaces, change: "in the headers") { try $0.setSymbol("__vdso_time", .value, 0x40) },
    ImageFlaw(rule: .symbolSections, change: "in .dynsym") { try $0.setSymbol("__vdso_time", .section, 2) },
    ImageFlaw(rule: .nothingUndefined, change: "an import") { try $0.setSymbol("__vdso_time", .section, 0) },
  ]

  @Test("a broken image breaks the rule that the check names", arguments: headers + tables + symbols)
  func named(flaw: ImageFlaw) throws {
    var editor = try ImageEditor(flaw.architecture)
    try flaw.make(&editor)
    let violations = ImageRules.violations(in: editor.bytes)
    #expect(violations.contains { $0.rule == flaw.rule }, "\(violations)")
  }

  @Test("every image rule has a broken image")
  func complete() {
    #expect(Set((Self.headers + Self.tables + Self.symbols).map(\.rule)) == Set(ImageRule.allCases))
  }
}
