// SPDX-License-Identifier: Apache-2.0

import ELF

extension ConsumerContract {
  /// Rules about what the dynamic table names.
  static let tableRules = [
    ContractRule(
      "sizes", "DT_STRSZ is there, and DT_SYMENT with the size of a symbol.",
      [
        ConsumerEffect("CRIU", .tools, "refuses to checkpoint"),
        ConsumerEffect("rustix", .slow, "assumes that there is no vDSO, and makes a system call for every reading"),
      ]
    ) { facts in
      let size: UInt64 = facts.header.elfClass == .bits32 ? 16 : 24
      if facts.dynamic[.stringsSize] == nil { return "there is no DT_STRSZ" }
      return facts.dynamic[.symbolSize] == size ? nil : "DT_SYMENT is \(facts.dynamic[.symbolSize] ?? 0), not \(size)"
    },
    ContractRule(
      "hash table", "There is a DT_HASH or a DT_GNU_HASH.",
      [
        ConsumerEffect(
          "glibc, musl, Go, rustix, Zig", .slow, "find no function, and make a system call for every reading"),
        ConsumerEffect("CRIU", .tools, "refuses to checkpoint"),
      ]
    ) { facts in
      facts.dynamic[.hashTable] == nil && facts.dynamic[.gnuHashTable] == nil ? "there is neither" : nil
    },
    ContractRule(
      "DT_HASH", "There is a DT_HASH; DT_GNU_HASH alone is not enough.",
      [
        ConsumerEffect("Rosetta", .crash, "fails an assertion in every program"),
        ConsumerEffect("Zig, musl up to 1.2.5", .slow, "find no function, and make a system call for every reading"),
        ConsumerEffect("CRIU before 4.1", .tools, "refuses to checkpoint"),
      ]
    ) { facts in facts.dynamic[.hashTable] == nil ? "there is none" : nil },
    ContractRule(
      "whole hash tables", "Each hash table leads to every symbol.",
      [ConsumerEffect("glibc, Go, rustix, CRIU", .slow, "miss functions that exist, and make system calls for them")]
    ) { facts in
      facts.unreachable.first.map { "\($0.table) does not lead to \($0.names.joined(separator: ", "))" }
    },
    ContractRule(
      "version table", "There are DT_VERDEF and DT_VERSYM.",
      [ConsumerEffect("Go", .crash, "follows the missing table's null pointer at the start of every program")]
    ) { facts in
      if facts.dynamic[.versionDefinitions] == nil { return "there is no DT_VERDEF" }
      return facts.dynamic[.versionSymbols] == nil ? "there is no DT_VERSYM" : nil
    },
  ]
}
