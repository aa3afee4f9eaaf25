// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import Glibc
import TestSupport
import Testing

@Suite("Auxiliary vector sources")
struct AuxiliaryVectorSourceTests {
  private static let sleeper = "#include <unistd.h>\nint main(void) { for (;;) pause(); }"

  @Test("gets the same auxiliary vector from the kernel, /proc and libc")
  func thisProcess() throws {
    let fromKernel = try AuxiliaryVector.current(from: .kernel)
    let fromProcfs = try AuxiliaryVector.current(from: .procfs)
    #expect(fromKernel == fromProcfs)
    #expect(try AuxiliaryVector.current() == fromKernel)
    #expect(fromKernel.entries.count > 15)
    // On x86, glibc replaces AT_HWCAP by a number of its own for library paths.
    for entry in fromKernel.entries where entry.key != .hardwareCapabilities {
      #expect(entry.value == UInt64(linux_getauxval(UInt(entry.key.rawValue))), "\(entry.key)")
      #expect(entry.key.valueInThisProcess == entry.value, "\(entry.key)")
    }
  }

  @Test("reads the auxiliary vector that the dynamic linker shows with LD_SHOW_AUXV")
  func dynamicLinker() throws {
    let shown = try Command.run(["/bin/true"], environment: ["LD_SHOW_AUXV": "1"]).output
    let names = Set(shown.split(separator: "\n").compactMap { $0.split(separator: ":").first.map(String.init) })
    let known = names.filter { !$0.contains("?") }
    try #require(known.count > 15)
    let vector = try AuxiliaryVector.current()
    #expect(known.subtracting(vector.entries.map { $0.key.description }) == [])
  }

  @Test("follows auxiliary vector pointers to strings and random bytes, and survives bad ones")
  func following() throws {
    let vector = try AuxiliaryVector.current()
    let platform = try #require(vector.entries.first { $0.key == .platform })
    #expect(platform.followed(in: .own) == Array("x86_64".utf8))
    let random = try #require(vector.entries.first { $0.key == .random })
    #expect(random.followed(in: .own)?.count == 16)
    #expect(AuxiliaryVector.Entry(.executablePath, 8).followed(in: .own) == nil)
    #expect(AuxiliaryVector.Entry(.executablePath, .max).followed(in: .own) == nil)
    #expect(AuxiliaryVector.Entry(.pageSize, random.value).followed(in: .own) == nil)
  }

  @Test(
    "reads the auxiliary vector of another process, 64-bit and 32-bit",
    arguments: [
      ("-m64", ELFClass.bits64, "x86_64"),
      ("-m32", .bits32, "i686"),
    ])
  func otherProcess(flag: String, elfClass: ELFClass, platform: String) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.compile(Self.sleeper, named: "sleeper", with: ["gcc-12", flag])
    let process = try RunningCommand(program, [])
    let (vector, format) = try settled {
      try AuxiliaryVector.ofProcess(process.pid)
    } until: {
      $0.vector.entries.first { $0.key == .executablePath }?.followed(in: ProcessMemory(pid: process.pid))
        == Array(program.utf8)
    }
    #expect(format.elfClass == elfClass)
    #expect(vector[.pageSize] == 4096)
    let entry = try #require(vector.entries.first { $0.key == .platform })
    #expect(entry.followed(in: ProcessMemory(pid: process.pid)) == Array(platform.utf8))
  }

  @Test("explains why the auxiliary vector of a process can't be read")
  func noSuchProcess() {
    #expect(throws: AuxvError.system(.procfs, errno: .noSuchFileOrDirectory)) {
      try AuxiliaryVector.ofProcess(0x3fff_ffff)
    }
  }

  @Test("reads the auxiliary vector from the initial stack")
  func initialStack() throws {
    // Two arguments, one environment variable, one entry. The pointers are never followed.
    let words: [UInt] = [2, 0x1000, 0x1008, 0, 0x2000, 0, 6, 4096, 33, 0x7fff_f000, 0, 0]
    let vector = unsafe words.withUnsafeBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe AuxiliaryVector(initialStack: $0) }
    }
    #expect(vector == AuxiliaryVector([.init(.pageSize, 4096), .init(.vdso, 0x7fff_f000)]))
  }
}

/// Repeats a reading until a process that was just started has executed its program.
private func settled<T>(_ read: () throws -> T, until ready: (T) -> Bool) throws -> T {
  for _ in 0..<1000 {
    if let value = try? read(), ready(value) { return value }
    usleep(5000)
  }
  return try read()
}
