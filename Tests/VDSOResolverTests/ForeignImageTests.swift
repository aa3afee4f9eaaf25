// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import Foundation
import TestSupport
import Testing
import VDSOResolver

/// A word size for which a program is compiled.
struct ProgramWidth: Sendable, CustomTestStringConvertible {
  var flag: String
  var machine: Machine

  var testDescription: String { flag }

  static let all = [ProgramWidth(flag: "-m64", machine: .x86_64), ProgramWidth(flag: "-m32", machine: .i386)]
}

@Suite("vDSO images of other processes and of cores")
struct ForeignImageTests {
  /// Whether an aborting program leaves a core file in its directory.
  private static let kernelWritesCores: Bool = {
    let pattern = try? String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)
    guard let pattern, !pattern.hasPrefix("|"), !pattern.contains("/") else { return false }
    return (try? Command.run(["sh", "-c", "ulimit -c unlimited"]).status) == 0
  }()

  @Test("resolves in another process what its dynamic linker found", arguments: ProgramWidth.all)
  func process(width: ProgramWidth) throws {
    let directory = try TemporaryDirectory()
    let process = try Self.start(width, in: directory)
    let report = try AddressReport(path: "\(directory.path)/report")
    try Self.compare(VDSOImage.ofProcess(process.pid), with: report, width)
  }

  @Test("resolves in a core file by gdb what the dynamic linker found", arguments: ProgramWidth.all)
  func gdbCore(width: ProgramWidth) throws {
    let directory = try TemporaryDirectory()
    let process = try Self.start(width, in: directory)
    let report = try AddressReport(path: "\(directory.path)/report")
    let result = try Command.run(["gcore", "-o", "\(directory.path)/core", "\(process.pid)"])
    try #require(result.status == 0, "\(result.output)")
    try Self.checkCore("\(directory.path)/core.\(process.pid)", with: report, width)
  }

  @Test(
    "resolves in a core file by the kernel what the dynamic linker found",
    .enabled(if: kernelWritesCores, "needs a plain name in /proc/sys/kernel/core_pattern"), arguments: ProgramWidth.all)
  func kernelCore(width: ProgramWidth) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile(
      "programs/vdso-addresses.c", with: ["gcc-12", width.flag], in: directory)
    _ = try Command.run(["sh", "-c", "cd \(directory.path) && ulimit -c unlimited && \(program) report abort"])
    let report = try AddressReport(path: "\(directory.path)/report")
    let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    let core = try #require(files.first { $0.hasPrefix("core") }, "\(files)")
    try Self.checkCore("\(directory.path)/\(core)", with: report, width)
  }

  @Test("explains why the vDSO of a process can't be read")
  func errors() {
    #expect(throws: VDSOSourceError.vector(.system(.procfs, errno: .noSuchFileOrDirectory))) {
      try VDSOImage.ofProcess(0x3fff_ffff)
    }
    #expect(throws: TrapReason.noVDSO) { try VDSOImage(in: ProcessMemory.own, at: 0) }
    #expect(throws: TrapReason.unreadable(address: 8)) { try VDSOImage(in: ProcessMemory.own, at: 8) }
    #expect(throws: TrapReason.unreadable(address: .max)) { try VDSOImage(in: ProcessMemory.own, at: .max) }
    #expect(ProcessMemory(pid: 0x3fff_ffff).failure(at: 4096) == 3)
    #expect(ProcessMemory.own.failure(at: 8) == 14)
  }

  @Test("reads through the kernel the same vDSO that is mapped here")
  func own() throws {
    let mapped = try VDSOImage.current()
    let copied = try VDSOImage(in: ProcessMemory.own, at: mapped.address)
    #expect(try copied.fingerprint() == mapped.fingerprint())
    #expect(copied.resolve(.clockGettime) == mapped.resolve(.clockGettime))
  }

  private static func start(_ width: ProgramWidth, in directory: TemporaryDirectory) throws -> RunningCommand {
    let program = try Fixtures.compile(
      "programs/vdso-addresses.c", with: ["gcc-12", width.flag], in: directory)
    return try RunningCommand(program, ["\(directory.path)/report"])
  }

  private static func checkCore(_ path: String, with report: AddressReport, _ width: ProgramWidth) throws {
    let core = try CoreFile(path: path)
    #expect(core.memory.header.machine == width.machine)
    #expect(core.vector[.vdso] == report["AT_SYSINFO_EHDR"])
    let name = core.vector.entries.first { $0.key == .executablePath }?.followed(in: core.memory) ?? []
    #expect(String(decoding: name, as: UTF8.self).hasPrefix("/"))
    let image = try VDSOImage(ofCore: core)
    try compare(image, with: report, width)
  }

  private static func compare(_ image: VDSOImage, with report: AddressReport, _ width: ProgramWidth) throws {
    #expect(image.object.header.machine == width.machine)
    #expect(image.address == report["AT_SYSINFO_EHDR"])
    let catalog = try #require(image.catalog)
    for function in VDSOFunction.allCases where catalog.linuxFunctions.contains(function) {
      #expect(image.resolve(function).address ?? 0 == report[function.name], "\(function)")
    }
    #expect(image.resolve(.clockGettime).address != nil)
    if width.machine == .i386 {
      let entry = try #require(try image.object.symbols.symbol(named: "__kernel_vsyscall", version: "LINUX_2.5"))
      #expect(image.loadBias &+ entry.value == report["AT_SYSINFO"])
    }
  }
}
