// SPDX-License-Identifier: Apache-2.0

import BenchPrograms
import ExecEngine
import Glibc
import Launcher
import SimulatedKernel
import VDSOImages

/// Files of the pages of each mode and of the programs that map them. Timekeepers update the pages as long as this process lives.
final class BenchPages {
  /// The modes in the worker's order; nil is the mode in which every call traps.
  private static let modes: [ClockSource?] = [.tsc, .host, .tick, .fixed, nil]

  /// The clock source of the counter mode's page; the host if the machine has no reliable counter.
  private(set) var counterSource = ClockSource.tsc
  private let directory: TemporaryFiles
  private var times: [TimePage] = []

  /// Makes a timekeeper update `page`.
  private final class PageUpdates: SupervisorDelegate {
    private var kernel: SimulatedKernel
    private let page: TimePages.TimePage

    init(_ kernel: SimulatedKernel, _ page: TimePages.TimePage) {
      (self.kernel, self.page) = (kernel, page)
    }

    override var interval: Int32? { kernel.tickDelay.map { Int32($0 / 1_000_000) } }
    override func begin(interceptsCalls: Bool) { page.keep() }
    override func refresh() { kernel.refresh(page) }
  }

  /// A memory file that can be an array's element; an array can't hold values that can't be copied.
  private final class TimePage {
    let file: TimePageFile
    init(_ file: consuming TimePageFile) { self.file = file }
  }

  /// Starts the timekeepers. Call it while this process has one thread.
  init() throws {
    directory = try TemporaryFiles()
    for mode in Self.modes {
      let file = try TimePageFile()
      if let mode {
        let kernel = try kernel(.x86_64, clockSource: mode)
        let page = file.page
        page.publish(kernel.timeData)
        if mode == .tsc { counterSource = kernel.clockSource }
        if kernel.needsTimekeeper {
          try TimekeeperProcess.start(PageUpdates(kernel, page), timePage: file.descriptor)
        }
      }
      times.append(TimePage(file))
    }
  }

  private func kernel(_ architecture: VDSOImages.Architecture, clockSource: ClockSource) throws -> SimulatedKernel {
    var kernel = SimulatedKernel(
      architecture: architecture, clockSource: clockSource, log: StandardError.log(isVerbose: false))
    try kernel.initialize()
    return kernel
  }

  /// The files of the code page for `program` and of all time pages.
  func files(for program: BenchProgram) throws -> [String] {
    let architecture: VDSOImages.Architecture = program == .i386 ? .i386 : .x86_64
    let page = try kernel(architecture, clockSource: .host).codePage(host: .none)
    let code = try directory.file("\(architecture)-page", page.bytes)
    return [code] + times.map { "/proc/\(getpid())/fd/\($0.file.descriptor)" }
  }

  /// Makes an executable file of `program`. With `isLinked`, it uses a C library.
  func executable(_ program: BenchProgram, isLinked: Bool) throws -> String {
    try directory.file(
      "\(program.rawValue)\(isLinked ? "" : "-alone")", isLinked ? program.bytes : program.bytesWithoutInterpreter,
      isExecutable: true)
  }
}
