// SPDX-License-Identifier: Apache-2.0

import BenchPrograms
import TimePages

/// Runs a program that times calls, Benchmarks/worker, and reads its output.
struct BenchWorker {
  /// One sample: a call, the way in which it was made, and its duration.
  struct Sample {
    var call: Int
    var way: BenchWay
    var picoseconds: Double
  }

  private static let recordSize = 8

  let program: BenchProgram
  let rounds: Int
  let calls: Int

  /// Times every way with the files of `pages`; nil if the kernel doesn't run programs of this word size.
  func run(_ pages: BenchPages, progress: ProgressBar) throws -> [Sample]? {
    let arguments = try ["\(rounds)", "\(calls)"] + pages.files(for: program)
    for isLinked in [true, false] {
      let file = try pages.executable(program, isLinked: isLinked)
      if let samples = try samples(of: file, arguments, progress: progress) { return samples }
    }
    return nil
  }

  /// Times the functions of the shared library `library`, and the bare counter.
  func run(preloading library: String, _ pages: BenchPages, progress: ProgressBar) throws -> [Sample]? {
    let file = try pages.executable(program, isLinked: true)
    let arguments = try ["\(rounds)", "\(calls)"] + pages.files(for: program).prefix(1)
    return try samples(of: file, arguments, library: library, progress: progress)?.map { sample in
      var sample = sample
      if sample.way == .libc { sample.way = .shim }
      return sample
    }
  }

  /// The program's output; nil if it can't run to its end.
  private func samples(
    of file: String, _ arguments: [String], library: String? = nil, progress: ProgressBar
  ) throws -> [Sample]? {
    let start = Moment.now
    guard let worker = ChildProgram([file] + arguments, environment: library.map { ["LD_PRELOAD=\($0)"] }) else {
      return nil
    }
    var bytes: [UInt8] = []
    var lastCall = -1
    while case let data = worker.read(), !data.isEmpty {
      let first = bytes.count / Self.recordSize
      bytes += data
      for record in first..<bytes.count / Self.recordSize {
        let call = number(bytes, at: Self.recordSize * record, size: 2)
        if call < lastCall { progress.advance() }
        lastCall = call
      }
    }
    guard worker.finish() else { return nil }
    progress.advance()
    let picoseconds = start.picosecondsPerCycle(to: .now) / Double(calls)
    return stride(from: 0, to: bytes.count, by: Self.recordSize).compactMap { place in
      BenchWay(rawValue: number(bytes, at: place + 2, size: 2)).map { way in
        Sample(
          call: number(bytes, at: place, size: 2), way: way,
          picoseconds: Double(number(bytes, at: place + 4, size: 4)) * picoseconds)
      }
    }
  }

  private func number(_ bytes: [UInt8], at place: Int, size: Int) -> Int {
    (0..<size).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  /// The counter and the time at about the same moment. Two of them give the counter's rate.
  private struct Moment {
    var cycles: UInt64
    var nanoseconds: Int64

    static var now: Moment {
      Moment(cycles: CycleCounter.lfenceRDTSC.read(), nanoseconds: HostClock.read(.monotonicRaw).nanosecondsSinceEpoch)
    }

    func picosecondsPerCycle(to end: Moment) -> Double {
      Double(end.nanoseconds - nanoseconds) * 1000 / Double(max(end.cycles - cycles, 1))
    }
  }
}

/// A way to make a call, by its number in workers.
enum BenchWay: Int, CaseIterable {
  case orderedCounter, counterByRDTSCP, trap, kernelPage, counterPage, hostPage, tickPage, fixedPage, trappingPage, libc
  case shim

  /// Its name in tables and pictures.
  var title: String {
    switch self {
    case .orderedCounter: "lfence; rdtsc"
    case .counterByRDTSCP: "rdtscp"
    case .trap: "trap"
    case .kernelPage: "kernel's page"
    case .counterPage: "our page (tsc)"
    case .hostPage: "our page (host)"
    case .tickPage: "our page (tick)"
    case .fixedPage: "our page (fixed)"
    case .trappingPage: "our page (none)"
    case .libc: "libc"
    case .shim: "libc shim"
    }
  }

  /// Whether it only reads the counter, so that no call can be faster.
  var isLimit: Bool { self == .orderedCounter || self == .counterByRDTSCP }
}
