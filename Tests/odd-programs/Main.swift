// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// Makes odd ELF files, and compares the results of executing each of them directly and with demo-loader's engines.
///
/// `odd-programs LOADER [COUNT [SEED]]`: the exit status is 1 if they differ without a documented reason, and then the files stay.
@main
struct Main {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 1 else {
      print("usage: odd-programs LOADER [COUNT [SEED [INDEX]]]")
      exit(2)
    }
    let count = arguments.count > 2 ? Int(arguments[2]) ?? 300 : 300
    let seed = arguments.count > 3 ? UInt64(arguments[3]) ?? 1 : UInt64.random(in: 0...UInt64(UInt32.max))
    let only = arguments.count > 4 ? Int(arguments[4]) : nil
    print("seed \(seed), \(count) files, \(arguments[1])")
    fflush(nil)
    let differences = try compare(loader: arguments[1], seed: seed, count, only)
    exit(differences == 0 ? 0 : 1)
  }

  /// Returns the number of differences. It has removed its files by then; `exit` would leave them.
  private static func compare(loader: String, seed: UInt64, _ count: Int, _ only: Int?) throws -> Int {
    var trial = try Trial(loader: loader, seed: seed)
    for index in 0..<count where only == nil || only == index { try trial.run(index, keepsFile: only != nil) }
    trial.summarize()
    return trial.differences
  }
}

/// A run over many files.
struct Trial {
  private let ways: [Way]
  private let seed: UInt64
  private let codes: [[UInt8]]
  private let directory = try? TemporaryDirectory()
  private var counts: [String: Int] = [:]
  private(set) var differences = 0

  init(loader: String, seed: UInt64) throws {
    self.seed = seed
    ways = [
      Way(name: "load", words: [loader, "--engine", "load"]),
      Way(name: "exec", words: [loader, "--engine", "exec", "--no-follow"]),
    ]
    codes = try ["-m64", "-m32"].map { try Self.code($0) }
  }

  /// The code that reports, as flat bytes.
  private static func code(_ width: String) throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile(
      "programs/odd-program.c",
      with: [
        "gcc", width, "-O1", "-fPIC", "-fno-toplevel-reorder", "-fno-stack-protector", "-fcf-protection=none",
        "-fno-asynchronous-unwind-tables", "-ffreestanding", "-nostdlib", "-static", "-Wl,--build-id=none", "-Wl,-N",
        "-Wl,--no-warn-rwx-segments", "-Wl,-e,0", "-Wl,-Ttext=0",
      ], in: directory)
    let flat = "\(directory.path)/flat"
    let copy = try Command.run(["objcopy", "-O", "binary", "-j", ".text", program, flat])
    guard copy.status == 0 else { throw Unusable(output: copy.output) }
    return Array(try Data(contentsOf: URL(filePath: flat)))
  }

  mutating func run(_ index: Int, keepsFile: Bool) throws {
    guard let directory else { return }
    var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(index))
    let path = "\(directory.path)/\(index)"
    let interpreterPath = "\(path)-interpreter"
    let (file, oddities) = draw(interpreterPath, using: &generator)
    var interpreter: ProgramFile?
    if file.segments.contains(where: { $0.type == 3 }) {
      var (drawn, _) = draw(nil, using: &generator)
      drawn.width = file.width
      let used = Bool.random(using: &generator) ? plain(file.width, using: &generator) : drawn
      try write(used, interpreterPath)
      interpreter = used
    }
    try write(file, path)
    let direct = Child.run(Way(name: "directly", words: []), path, randomizesAddresses: file.randomizesAddresses)
    var isDifferent = false
    for way in ways {
      let outcome = Child.run(way, path, randomizesAddresses: file.randomizesAddresses)
      let comparison = Comparison(
        direct, outcome, engine: way.name, file, file.interpreterPathIndex == nil ? nil : interpreter)
      switch comparison {
      case .equal: counts["\(way.name): equal, \(Self.kind(direct))", default: 0] += 1
      case .documented(let reason): counts["\(way.name): \(reason)", default: 0] += 1
      case .different(let reason):
        isDifferent = true
        print("file \(index), \(way.name): \(reason) [\(oddities.joined(separator: ", "))]")
        print("  directly \(direct.text)\n  \(way.name) \(outcome.text)")
      }
    }
    if isDifferent { differences += 1 }
    if isDifferent || keepsFile { keep(path, interpreterPath) } else { remove(path, interpreterPath) }
  }

  func summarize() {
    for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(count)  \(kind)") }
    print("\(differences) files differ without a documented reason")
  }

  private static func kind(_ outcome: Outcome) -> String {
    switch outcome.ending {
    case .refused: "refused"
    case .killedByExecve: "killed by execve"
    case .ended(let status) where status & 0x7f != 0: "killed by signal \(status & 0x7f)"
    case .ended: "ran"
    }
  }

  private func plain(_ width: ProgramFile.Width, using generator: inout SeededGenerator) -> ProgramFile {
    while true {
      let file = ProgramFile.draw(codes[0].count > codes[1].count ? codes[0] : codes[1], using: &generator)
      if file.width == width { return file }
    }
  }

  /// A file, and the names of its oddities.
  private func draw(
    _ interpreter: String?, using generator: inout SeededGenerator
  ) -> (ProgramFile, [String]) {
    let longer = codes[0].count > codes[1].count ? codes[0] : codes[1]
    var file = ProgramFile.draw(longer, using: &generator)
    var names: [String] = []
    if let interpreter, Int.random(in: 0..<6, using: &generator) == 0 {
      file.askForInterpreter(interpreter, using: &generator)
      names.append("interpreter")
    }
    for _ in 0..<max(0, Int.random(in: -1...3, using: &generator)) {
      guard let oddity = ProgramFile.oddities.randomElement(using: &generator) else { continue }
      oddity.apply(&file, &generator)
      names.append(oddity.name)
    }
    return (file, names)
  }

  private func write(_ file: ProgramFile, _ path: String) throws {
    try Data(file.bytes(code: codes[file.width == .bits64 ? 0 : 1])).write(to: URL(filePath: path))
    unsafe chmod(path, 0o755)
  }

  private func remove(_ paths: String...) {
    for path in paths { unsafe unlink(path) }
  }

  private func keep(_ paths: String...) {
    for path in paths where unsafe access(path, F_OK) == 0 {
      let kept = "\(FileManager.default.currentDirectoryPath)/odd-\(seed)-\(URL(filePath: path).lastPathComponent)"
      try? FileManager.default.removeItem(atPath: kept)
      try? FileManager.default.copyItem(atPath: path, toPath: kept)
    }
  }
}

/// The message of a tool that can't do its part.
struct Unusable: Error {
  var output: String
}
