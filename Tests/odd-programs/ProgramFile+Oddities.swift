// SPDX-License-Identifier: Apache-2.0

import TestSupport

extension ProgramFile {
  /// A change to the file, with a name for people.
  typealias Oddity = (name: String, apply: @Sendable (inout ProgramFile, inout SeededGenerator) -> Void)

  static let oddities: [Oddity] = [
    (
      "identification",
      { file, generator in
        for index in file.identification.indices where Bool.random(using: &generator) {
          file.identification[index] = .random(in: 0...255, using: &generator)
        }
      }
    ),
    ("idle fields", { file, generator in file.idleFields = .random(in: 0...UInt64.max, using: &generator) }),
    ("machine", { file, generator in file.machine = [3, 6, 6, 62, 40, 0].randomElement(using: &generator) ?? 0 }),
    ("type", { file, generator in file.type = [0, 1, 2, 3, 4, 0xfe00].randomElement(using: &generator) ?? 0 }),
    (
      "entry",
      { file, generator in
        file.entry =
          [0, 0x7fff_ffff_f000, 0xffff_e000, .max, file.codeAddress &+ 0x10_0000, 0x8000_0000_0000].randomElement(
            using: &generator) ?? 0
      }
    ),
    ("entry size", { file, generator in file.entrySize = .random(in: 0...64, using: &generator) }),
    (
      "count",
      { file, generator in
        file.statedCount = [0, 1, 2, 20, 1170, 1171, 2048, 2049, 0xffff].randomElement(using: &generator)
      }
    ),
    (
      "table",
      { file, generator in
        file.tableOffset =
          [4, file.size - 56, file.size, .max, 0x200, .random(in: 0x40..<0x300, using: &generator)].randomElement(
            using: &generator) ?? 0
      }
    ),
    ("cut short", { file, generator in file.size = .random(in: 0...file.size, using: &generator) }),
    (
      "cut behind the code",
      { file, generator in
        file.size = .random(in: min(file.size, file.codeOffset + 0x500)...file.size, using: &generator)
      }
    ),
    ("offset", change { segment, generator in segment.offset ^= .random(in: 1..<0x1000, using: &generator) }),
    (
      "large offset",
      change { segment, generator in
        segment.offset =
          segment.offset % 4096
          | ([1 << 62, 1 << 63, 0xffff_f000, 0x8000_0000, 1 << 40].randomElement(using: &generator) ?? 0)
      }
    ),
    (
      "address",
      change { segment, generator in
        segment.address =
          segment.address % 4096
          + ([0x7fff_ffff_e000, 0xffff_d000, 0xffff_f000, 0x8000_0000_0000, 0xffff_8000_0000_0000, 0, 0x10_0000]
            .randomElement(using: &generator) ?? 0)
      }
    ),
    (
      "file size above memory size",
      change { segment, generator in
        segment.memorySize = segment.fileSize / (.random(in: 1...4, using: &generator))
      }
    ),
    (
      "file size",
      change { segment, generator in
        segment.fileSize = [0, segment.memorySize, segment.memorySize / 2].randomElement(using: &generator) ?? 0
      }
    ),
    (
      "memory size",
      change { segment, generator in
        segment.memorySize =
          [0, segment.fileSize, segment.fileSize + 0x10_0000, 1 << 31, 1 << 46, 1 << 47, .max, 0xffff_ffff]
          .randomElement(using: &generator) ?? 0
      }
    ),
    (
      "nothing but a break",
      change { segment, generator in
        segment.address &+= .random(in: 0..<0x10_0000, using: &generator)
        segment.fileSize = 0
        segment.memorySize = 0
      }
    ),
    (
      "alignment",
      change { segment, generator in
        segment.alignment =
          [0, 1, 2, 3, 0x1001, 0x1_0000, 0x20_0000, 1 << 30, 1 << 31].randomElement(using: &generator) ?? 0
      }
    ),
    ("flags", change { segment, generator in segment.flags = .random(in: 0...UInt32.max, using: &generator) }),
    ("order", { file, generator in file.segments.shuffle(using: &generator) }),
    ("no segment", { file, _ in file.segments = [] }),
    (
      "kind of segment",
      change { segment, generator in
        segment.type = [0, 2, 4, 5, 6, 7, 0x6474_e550, 0x6474_e553, 0x7000_0000].randomElement(using: &generator) ?? 0
      }
    ),
    (
      "stack",
      { file, generator in
        file.segments.insert(
          Segment(
            type: 0x6474_e551, flags: .random(in: 0...7, using: &generator), offset: 0, address: 0, fileSize: 0,
            memorySize: 0),
          at: 0)
      }
    ),
  ]

  /// Changes one of the loadable segments.
  private static func change(
    _ apply: @escaping @Sendable (inout Segment, inout SeededGenerator) -> Void
  ) -> @Sendable (inout ProgramFile, inout SeededGenerator) -> Void {
    { file, generator in
      guard let index = file.segments.indices.filter({ file.segments[$0].type == 1 }).randomElement(using: &generator)
      else { return }
      apply(&file.segments[index], &generator)
    }
  }

  /// Makes `path` the interpreter, or states it in an odd way.
  mutating func askForInterpreter(_ path: String, using generator: inout SeededGenerator) {
    let place = pageCount * Self.page - 0x80
    let odd = Int.random(in: 0..<12, using: &generator)
    let text: [UInt8] =
      switch odd {
      case 0: [0, 0]
      case 1: Array("/nonexistent\0".utf8)
      case 2: Array("/dev/null\0".utf8)
      case 3: Array((path + "\0rest\0").utf8)
      case 4: Array(path.utf8)
      case 5: Array("/etc/passwd\0".utf8)
      default: Array((path + "\0").utf8)
      }
    strings.append((place, text))
    let size: UInt64 = odd == 6 ? 1 : odd == 7 ? 5000 : UInt64(text.count)
    segments.insert(
      Segment(
        type: 3, flags: 4, offset: odd == 8 ? pageCount * Self.page : place, address: 0, fileSize: size,
        memorySize: size),
      at: Int.random(in: 0...segments.count, using: &generator))
  }
}
