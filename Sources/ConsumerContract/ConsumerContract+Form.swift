// SPDX-License-Identifier: Apache-2.0

import ELF

extension ConsumerContract {
  /// Rules about headers and segments.
  static let formRules = [
    ContractRule(
      "header", "A shared object of OS ABI 0 or 3, whose header states the right sizes.",
      [ConsumerEffect("rustix", .slow, "assumes that there is no vDSO, and makes a system call for every reading")],
      finding: header),
    ContractRule(
      "one segment", "There is exactly one PT_LOAD.",
      [
        ConsumerEffect("musl, Zig", .crash, "take the address of the last one for the base, and call wrong addresses"),
        ConsumerEffect("glibc before 2.43", .crash, "uses only the extent of the first one"),
        ConsumerEffect("CRIU", .tools, "refuses to checkpoint"),
      ]
    ) { facts in
      let count = facts.segments.count { $0.type == .load }
      return count == 1 ? nil : "\(count) PT_LOAD"
    },
    ContractRule(
      "executable segment", "The first PT_LOAD is readable and executable.",
      [ConsumerEffect("rustix", .slow, "assumes that there is no vDSO, and makes a system call for every reading")]
    ) { facts in
      let flags = facts.segments.first { $0.type == .load }?.flags ?? []
      return flags.isSuperset(of: [.read, .execute]) ? nil : "its flags are \(flags.rawValue)"
    },
    ContractRule(
      "offsets", "PT_DYNAMIC lies behind the file header, at an offset that is its address less the base.",
      [
        ConsumerEffect(
          "Linux's reference parser, musl, Go", .crash, "read a wrong address, because they use the offset"),
        ConsumerEffect("rustix", .slow, "assumes that there is no vDSO, and makes a system call for every reading"),
      ],
      finding: offsets),
    ContractRule(
      "no thread-local storage", "There is no PT_TLS.",
      [ConsumerEffect("glibc", .crash, "aborts at the start of every dynamic program")]
    ) { facts in
      facts.segments.contains { $0.type == .threadLocalStorage } ? "there is a PT_TLS" : nil
    },
    ContractRule(
      "no interpreter", "There is no PT_INTERP and no PT_GNU_RELRO.",
      [ConsumerEffect("rustix", .slow, "assumes that there is no vDSO, and makes a system call for every reading")]
    ) { facts in
      facts.segments.first { $0.type == .interpreter || $0.type == .readOnlyAfterRelocation }
        .map { $0.type == .interpreter ? "there is a PT_INTERP" : "there is a PT_GNU_RELRO" }
    },
    ContractRule(
      "no relocations", "There are no relocations.",
      [ConsumerEffect("every consumer", .crash, "uses addresses that were never relocated")]
    ) { facts in
      let tags: [(DynamicTag, String)] = [
        (.relocations, "DT_REL"), (.relocationsWithAddends, "DT_RELA"), (.textRelocations, "DT_TEXTREL"),
      ]
      return tags.first { facts.dynamic[$0.0] != nil }.map { "there is a \($0.1)" }
    },
  ]

  private static func header(_ facts: ImageFacts) -> String? {
    let header = facts.header
    let (file, program): (UInt16, UInt16) = header.elfClass == .bits32 ? (52, 32) : (64, 56)
    if header.type != .sharedObject { return "e_type is \(header.type.rawValue), not 3 (ET_DYN)" }
    if header.osABI != 0 && header.osABI != 3 || header.abiVersion != 0 {
      return "the OS ABI is \(header.osABI), version \(header.abiVersion)"
    }
    if header.headerSize != file { return "e_ehsize is \(header.headerSize), not \(file)" }
    if header.programHeaderEntrySize != program {
      return "e_phentsize is \(header.programHeaderEntrySize), not \(program)"
    }
    return header.programHeaderOffset < UInt64(file) ? "e_phoff is \(header.programHeaderOffset)" : nil
  }

  private static func offsets(_ facts: ImageFacts) -> String? {
    guard let load = facts.segments.first(where: { $0.type == .load }),
      let dynamic = facts.segments.first(where: { $0.type == .dynamic })
    else { return "there is no PT_LOAD" }
    let offset = dynamic.virtualAddress &- load.virtualAddress &+ load.fileOffset
    if dynamic.fileOffset != offset { return "its offset is \(dynamic.fileOffset), its address leads to \(offset)" }
    return dynamic.fileOffset < UInt64(facts.header.headerSize) ? "its offset is \(dynamic.fileOffset)" : nil
  }
}
