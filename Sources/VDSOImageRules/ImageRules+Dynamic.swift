// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
  import ELF

  extension ImageRules {
    private static let needed: [DynamicTag] = [
      .strings, .symbols, .stringsSize, .symbolSize, .soname, .versionSymbols, .versionDefinitions,
      .versionDefinitionCount,
    ]

    /// DT_RELA, DT_RELASZ, DT_REL, DT_RELSZ, DT_TEXTREL, DT_JMPREL, DT_RELRSZ, DT_RELR.
    private static let relocations: [Int64] = [7, 8, 17, 18, 22, 23, 35, 36]

    static func checkDynamic(_ table: DynamicTable) -> [ImageViolation] {
      var found = needed.filter { table[$0] == nil }
        .map { ImageViolation(.dynamicTags, "tag \($0.rawValue) is missing") }
      if table[.hashTable] == nil || table[.gnuHashTable] == nil {
        found.append(ImageViolation(.bothHashTables, "one is missing"))
      }
      for tag in relocations where table[DynamicTag(rawValue: tag)] != nil {
        found.append(ImageViolation(.noRelocations, "tag \(tag)"))
      }
      return found
    }

    /// Looks each symbol up through each table, as its consumers do.
    static func checkHashTables(_ image: borrowing ELFImage, _ defined: [Symbol]) throws(ELFError) -> [ImageViolation] {
      var found: [ImageViolation] = []
      let table = try image.dynamicTable()
      for (lookup, tag) in [(DynamicSymbols.Lookup.hash, DynamicTag.hashTable), (.gnuHash, .gnuHashTable)] {
        guard table[tag] != nil else { continue }
        let symbols = try image.dynamicSymbols(lookup: lookup)
        for symbol in defined {
          if try symbols.symbol(named: symbol.name, version: symbol.version) != symbol {
            found.append(ImageViolation(.bothHashTables, "tag \(tag.rawValue) does not lead to \(symbol.name)"))
          }
        }
      }
      return found
    }

    static func checkVersions(_ symbols: DynamicSymbols, _ machine: Machine) -> [ImageViolation] {
      var found: [ImageViolation] = []
      let soname = soname(of: machine)
      if symbols.soname != soname {
        found.append(ImageViolation(.soname, "\(symbols.soname ?? "none")"))
      }
      let base = symbols.versions.filter(\.isBase).map(\.name)
      let versions = symbols.versions.filter { !$0.isBase }.map(\.name)
      if base != [soname] || Set(versions) != Set(exports(of: machine).values) {
        found.append(ImageViolation(.versions, "base \(base), versions \(versions)"))
      }
      return found
    }
  }
#endif
