// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Sanitizers and ldd recognize a vDSO by its name. Sanitizers take any other image for a library that was loaded before theirs.
@Suite("Consumers that recognize the vDSO by its name")
struct SanitizerTests {
  /// Ends with status 0, or makes the error that its argument names, which the sanitizer finds.
  private static let source = """
    #include <stdlib.h>
    #include <string.h>
    #include <time.h>
    int main(int count, char **arguments) {
      volatile char *bytes = malloc(8);
      if (count > 1 && strcmp(arguments[1], "overflow") == 0) bytes[8] = 1;
      if (count > 1 && strcmp(arguments[1], "leak") == 0) { bytes = 0; return 0; }
      free((void *)bytes);
      return time(0) < 1;
    }
    """

  static let compilers = [
    ProgramKind(name: "gcc", compiler: ["gcc", "-fsanitize=address"]),
    ProgramKind(name: "gcc, static libasan", compiler: ["gcc", "-fsanitize=address", "-static-libasan"]),
    ProgramKind(name: "gcc, undefined", compiler: ["gcc", "-fsanitize=undefined"]),
    ProgramKind(name: "gcc, thread", compiler: ["gcc", "-fsanitize=thread"]),
    ProgramKind(name: "gcc, i386", compiler: UnusualProgram.i386 + ["-fsanitize=address"]),
    ProgramKind(name: "clang, shared libasan", compiler: clang),
  ]

  /// clang, with the directory of its shared runtime as the programs' library path.
  private static var clang: [String] {
    let runtime = try? Command.run(["clang", "-print-file-name=libclang_rt.asan-x86_64.so"]).output
    let folder = URL(filePath: runtime?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "")
      .deletingLastPathComponent()
    return ["clang", "-fsanitize=address", "-shared-libasan", "-Wl,-rpath,\(folder.path())"]
  }

  /// The compiled program, or nil if the machine lacks something that it needs.
  private func compile(_ kind: ProgramKind, in directory: TemporaryDirectory) throws -> String? {
    guard let program = try? directory.compile(Self.source, named: "sanitized", with: kind.compiler),
      try Command.run([program]).status == 0
    else { return nil }
    return program
  }

  @Test("runs sanitized programs with the same findings as directly", arguments: compilers, ProgramTests.engines)
  func sanitizers(kind: ProgramKind, engine: String) throws {
    let directory = try TemporaryDirectory()
    // Only the first compiler is on every machine that builds this package.
    guard let program = try compile(kind, in: directory) else {
      return #expect(kind.name != "gcc", "\(kind.name): not built")
    }
    for arguments in [[], ["overflow"], ["leak"]] {
      let direct = try Command.run([program] + arguments)
      for options in [[], ["--time", "+1d"]] {
        let ours = try Command.run([ProgramTests.loader, "--engine", engine] + options + [program] + arguments)
        #expect(ours.status == direct.status, "\(arguments), \(options): \(ours.output)")
        #expect(Self.finding(ours) == Self.finding(direct), "\(arguments), \(options): \(ours.output)")
      }
    }
  }

  /// A sanitizer's summary, without addresses.
  private static func finding(_ result: Command.Result) -> String? {
    result.output.split(separator: "\n").first { $0.hasPrefix("SUMMARY") }.map(String.init)
  }

  @Test("shows the vDSO by Linux's name in ldd, 64-bit and 32-bit", arguments: ["-m64", "-m32"])
  func ldd(flag: String) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.compile("int main(void) { return 0; }", named: "listed", with: ["gcc", flag])
    func names(_ prefix: [String]) throws -> [Substring?] {
      try Command.run(prefix + ["ldd", program]).output.split(separator: "\n").map { $0.split(separator: " ").first }
    }
    let direct = try names([])
    #expect(direct.contains { $0?.hasPrefix("\tlinux-") == true })
    #expect(try names([ProgramTests.loader, "--follow"]) == direct)
  }
}
