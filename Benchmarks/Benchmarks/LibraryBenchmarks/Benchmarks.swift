// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ProgramLoader
import Benchmark
import ELF
import Glibc
import SimulatedKernel
import VDSOResolver

/// Thresholds are thousandths of the yardstick's time, in Thresholds/; a run may differ from its threshold by half of it.
///
/// Names have no spaces: the tool writes files of names with spaces, but doesn't find them again.
private var configuration: Benchmark.Configuration {
  Benchmark.Configuration(
    metrics: [Yardstick.ratio, Yardstick.nanoseconds], warmupIterations: 5, maxDuration: .seconds(2),
    maxIterations: 200, thresholds: [Yardstick.ratio: BenchmarkThresholds(relative: [.p90: 50])])
}

let benchmarks: @Sendable () -> Void = {
  guard let vector = try? AuxiliaryVector.current(), let address = vector[.vdso],
    let bytes = try? vector.encoded(as: .native)
  else { fatalError("there is no vDSO here to measure with") }

  func add(_ name: String, repetitions: Int = 64, _ operation: @escaping @Sendable () throws -> Void) {
    let yardstick = Yardstick(address: UInt(address), repetitions: repetitions)
    Benchmark(name, configuration: configuration) { benchmark in
      try yardstick.measure(benchmark, operation)
    }
  }

  add("auxv-decode") { blackHole(try AuxiliaryVector(decoding: bytes, as: .native)) }
  add("vdso-open-resolve") { _ = VDSO.current() }
  add("vdso-open-libelf") { blackHole(try VDSOImage.current()) }
  addLookups(add)
  addPages(add)
  addPlan(add)
}

private typealias Adding = (String, Int, @escaping @Sendable () throws -> Void) -> Void

private func addLookups(_ add: Adding) {
  guard let image = try? VDSOImage.current(),
    let symbol = try? image.object.symbols.symbol(named: "__vdso_clock_gettime")
  else { return }
  let symbols = image.object.symbols
  let inside = symbol.value + 1
  add("symbol-by-name", 64) { blackHole(try symbols.symbol(named: "__vdso_clock_gettime")) }
  add("symbol-by-name-and-version", 64) {
    blackHole(try symbols.symbol(named: "__vdso_clock_gettime", version: "LINUX_2.6"))
  }
  add("symbol-by-address", 64) { blackHole(try symbols.symbol(containing: inside)) }
}

private func addPages(_ add: Adding) {
  var kernel = SimulatedKernel(architecture: .x86_64)
  guard (try? kernel.initialize()) != nil, let host = try? VDSOImage.current() else { return }
  let booted = kernel
  let entryPoints = HostEntryPoints(
    clockGettime: host.resolve(.clockGettime).address ?? 0)
  add("code-page", 64) { blackHole(try booted.codePage(host: entryPoints)) }
  add("page-set", 16) {
    let file = try TimePageFile()
    file.page.publish(booted.timeData)
    blackHole(try booted.codePage(host: entryPoints))
  }
  // These pages stay mapped, because sealed pages can't be unmapped; so few are made.
  add("page-set-mapped", 2) {
    let file = try TimePageFile()
    file.page.publish(booted.timeData)
    blackHole(try PageSet(time: file, code: booted.codePage(host: entryPoints).bytes, identities: []))
  }
}

private func addPlan(_ add: Adding) {
  let program = open("/bin/true", O_RDONLY | O_CLOEXEC)
  var status = stat()
  guard program >= 0, fstat(program, &status) == 0, let headers = try? FileHeaders(fileDescriptor: program) else {
    return
  }
  let size = UInt64(status.st_size)
  let limits = LoadPlan.Limits(pageSize: 4096, end: 0x7fff_ffff_f000)
  var prefix = [UInt8](repeating: 0, count: 256)
  guard pread(program, &prefix, prefix.count, 0) == prefix.count else { return }
  let header = ProgramFileHeader(prefix: prefix)
  add("program-headers", 64) { blackHole(try FileHeaders(fileDescriptor: program)) }
  add("load-plan", 64) {
    blackHole(
      try LoadPlan(header: header, table: headers.programHeaders, fileSize: size, limits: limits))
  }
}
