/// How what the kernel does with a file compares to what demo-loader does.
enum Comparison: Hashable {
  case equal
  /// Otherwise, and docs/loading.md says why.
  case documented(String)
  case different(String)

  init(_ direct: Outcome, _ other: Outcome, engine: String, _ file: ProgramFile, _ interpreter: ProgramFile?) {
    switch direct.ending {
    case .refused:
      self = other.isRefusal ? .equal : .different("execve refuses it")
    case .killedByExecve where engine == "load":
      self =
        other.isRefusal
        ? .documented("refused in words where execve kills")

        : (file.placedOtherwise ?? interpreter?.placedOtherwise).map { .documented($0) }
          ?? .different("execve kills it")
    case .killedByExecve:
      if case .ended(let status) = other.ending, status & 0x7f != 0 {
        self = .equal
      } else {
        self = .different("execve kills it")
      }
    case .ended:
      self = Self.ran(direct, other, engine, file, interpreter)
    }
  }

  private static func ran(
    _ direct: Outcome, _ other: Outcome, _ engine: String, _ file: ProgramFile, _ interpreter: ProgramFile?
  ) -> Comparison {
    if engine == "load", other.isRefusal,
      String(decoding: other.errors, as: UTF8.self).contains("where stack or vDSO is")
    {
      return .documented("linked for the loader's stack, vDSO or pages")
    }
    if engine == "load", let reason = file.placedOtherwise ?? interpreter?.placedOtherwise {
      return .documented(reason)
    }
    if file.startsInNeighbor, direct.isKilled, other.isKilled || other.isRefusal { return .equal }
    guard direct.ending == other.ending else { return .different("it ends otherwise") }
    guard direct.status == 42 else { return .equal }
    guard let expected = Report(direct.output, of: file) else { return .different("its own report can't be read") }
    guard let found = Report(other.output, of: file) else { return .different("its report can't be read") }
    return expected == found ? .equal : .different("it sees otherwise: \(expected.difference(from: found))")
  }
}

extension Outcome {
  var isKilled: Bool { if case .ended(let status) = ending { status & 0x7f != 0 } else { false } }
}

extension ProgramFile {
  /// What the kernel puts at an address where a loader doesn't put it: rows of docs/loading.md.
  var placedOtherwise: String? {
    let loads = loads
    if type == 3, let first = loads.first, first.fileSize == 0 {
      return "relocatable, with nothing of the file in the first segment"
    }
    let end = loads.map { $0.address &+ $0.memorySize }.max() ?? 0
    if type == 3, end > 1 << 40 { return "relocatable, of an extent that the kernel doesn't map" }
    if type == 2, claimedPages.contains(where: { stack.contains($0) }) {
      return "linked for the stack that execve gives"
    }
    return nil
  }

  /// Where execve puts the stack.
  private var stack: Range<UInt64> {
    width == .bits64 ? 0x7ff0_0000_0000..<0x8000_0000_0000 : 0xff00_0000..<0x1_0000_0000
  }

  /// Whether the first instruction is none of the program's, but what happens to lie beside it.
  var startsInNeighbor: Bool { type == 3 && !claimedPages.contains(entry / Self.page * Self.page) }
}

extension Report {
  func difference(from other: Report) -> String {
    var parts: [String] = []
    if vector != other.vector { parts.append("vector \(vector) \(other.vector)") }
    if breakAddress != other.breakAddress { parts.append("break \(breakAddress ?? 0) \(other.breakAddress ?? 0)") }
    for (mine, others) in [(pages, other.pages), (entryPages, other.entryPages)] {
      for (address, page) in mine.sorted(by: { $0.key < $1.key }) where others[address] != page {
        let found = others[address]
        let bytes = page.bytes == found?.bytes ? "same bytes" : "other bytes"
        parts.append("page \(address) \(page.mapping ?? "none") \(found?.mapping ?? "none") \(bytes)")
      }
      if mine.count != others.count { parts.append("\(mine.count) pages, \(others.count)") }
    }
    return parts.joined(separator: "; ")
  }
}
