/// A line of /proc/self/maps: where something is mapped, and what.
struct MappedRegion: Hashable, Sendable {
  var range: Range<UInt64>
  /// A path, a name in brackets, or nothing.
  var name: String

  /// Reads the text of /proc/PID/maps; lines that aren't understood are left out.
  static func list(_ text: [UInt8]) -> [MappedRegion] {
    String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ", maxSplits: 5)
      let bounds = fields.first?.split(separator: "-").compactMap { UInt64($0, radix: 16) } ?? []
      guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
      let name = fields.count == 6 ? fields[5].drop { $0 == " " } : ""
      return MappedRegion(range: bounds[0]..<bounds[1], name: String(name))
    }
  }

  /// Whether the kernel made the region for the vDSO's sake.
  var isKernelVDSO: Bool { name.hasPrefix("[vvar") || name == "[vdso]" }
}
