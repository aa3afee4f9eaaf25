// SPDX-License-Identifier: Apache-2.0

/// The result of executing a file.
struct Outcome {
  enum Ending: Hashable {
    /// execve returned an error, and the caller continued.
    case refused
    /// execve ended the process.
    case killedByExecve
    /// The program ran; the status is that of `waitpid`.
    case ended(Int32)
  }

  var ending: Ending
  var output: [UInt8]
  var errors: [UInt8]

  var status: Int32? { if case .ended(let status) = ending, status & 0x7f == 0 { status >> 8 & 0xff } else { nil } }

  /// Whether demo-loader has printed a reason why it starts nothing.
  var isRefusal: Bool {
    (status == 126 || status == 127) && errors.starts(with: "demo-loader: ".utf8)
  }

  var text: String {
    "\(ending) \(String(decoding: errors.prefix(400), as: UTF8.self))"
  }
}

/// The state at its start, as a program that ran to its end has reported it.
struct Report: Equatable {
  /// The entries by key; addresses are relative to the program.
  var vector: [UInt64: UInt64] = [:]
  /// The mapping and contents of pages by linked address; the contents are nil if the page can't be read.
  var pages: [UInt64: Page] = [:]
  /// Pages around the program's entry.
  var entryPages: [UInt64: Page] = [:]
  var breakAddress: UInt64?

  struct Page: Equatable {
    var mapping: String?
    var bytes: [UInt8]?
  }

  private struct Record {
    var kind: UInt32
    var address: UInt64
    var bytes: [UInt8]?
  }

  /// Nil if the output isn't a complete report. `file` is the program's.
  init?(_ output: [UInt8], of file: ProgramFile, _ interpreter: ProgramFile?) {
    guard let records = Self.records(output), let raw = records.first(where: { $0.kind == 1 })?.bytes else {
      return nil
    }
    let size = file.width == .bits64 ? 8 : 4
    var entries: [UInt64: UInt64] = [:]
    for start in stride(from: 0, to: raw.count - 2 * size + 1, by: 2 * size) {
      entries[Self.word(raw, start, size)] = Self.word(raw, start + size, size)
    }
    let mask: UInt64 = size == 4 ? 0xffff_ffff : .max
    let entry = entries[9] ?? 0
    let bias = (entry &- file.entry) & mask
    for key in [4, 5] as [UInt64] { vector[key] = entries[key] }
    vector[3] = ((entries[3] ?? 0) &- bias) & mask
    let maps = Mappings(records.filter { $0.kind == 2 }.flatMap { $0.bytes ?? [] })
    let ownPages = records.filter { $0.kind == 3 }
    // The reporting code may be an interpreter's. If the interpreter's file is truncated, its list of pages may be too.
    let first = ownPages.first?.address ?? 0
    let listed = [file, interpreter].compactMap { $0?.claimedPages }.flatMap { pages in
      pages.map { $0 &- (pages.first ?? 0) }
    }
    for record in ownPages where listed.contains(record.address &- first) {
      pages[record.address &- first] = maps.page(record.address, record.bytes)
    }
    let claimed = Set(file.claimedPages)
    for record in records where record.kind == 4 && claimed.contains((record.address &- bias) & mask) {
      entryPages[(record.address &- bias) & mask] = maps.page(record.address, record.bytes)
    }
    // For a loader that is started as a program, the kernel puts the break elsewhere.
    if !file.randomizesAddresses, file.type == 2 || file.interpreterPathIndex != nil {
      // The break of a loader whose program ends below 64 KiB isn't compared either.
      breakAddress = records.first { $0.kind == 5 && $0.address > 0x1_0000 }.map { ($0.address &- bias) & mask }
    }
  }

  private static func word(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
    bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads the records from the end: each trailer states the size of the data before it.
  private static func records(_ output: [UInt8]) -> [Record]? {
    var records: [Record] = []
    var end = output.count
    while end >= 24 {
      let start = end - 24
      guard word(output, start, 4) == 0x0dd0_e1f0 else { return nil }
      let size = Int(Int64(bitPattern: word(output, start + 16, 8)))
      let data = size > 0 ? size : 0
      guard data <= start else { return nil }
      records.append(
        Record(
          kind: UInt32(word(output, start + 4, 4)), address: word(output, start + 8, 8),
          bytes: size < 0 ? nil : Array(output[start - data..<start])))
      end = start - data
    }
    return end == 0 && !records.isEmpty ? records.reversed() : nil
  }
}

/// The mappings in /proc/self/maps.
private struct Mappings {
  private var lines: [(range: Range<UInt64>, text: String?)] = []

  init(_ text: [UInt8]) {
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      let bounds = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      guard bounds.count == 2, words.count >= 5, bounds[0] < bounds[1] else { continue }
      lines.append((bounds[0]..<bounds[1], "\(words[1]) \(words[4] == "0" ? "zeros" : "file")"))
      // Our pages may lie in a gap between segments, like anything that is mapped later.
      guard line.contains("/memfd:vdso-"), line.contains(" r-xp ") else { continue }
      for index in lines.indices.suffix(3) { lines[index].text = nil }
    }
  }

  /// The permissions of a page, and whether it maps a file.
  func page(_ address: UInt64, _ bytes: [UInt8]?) -> Report.Page {
    let text = lines.first { $0.range.contains(address) }?.text
    return Report.Page(mapping: text, bytes: text == nil ? nil : bytes)
  }
}
