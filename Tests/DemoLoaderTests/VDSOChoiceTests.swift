// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The output of `vdso-choice.c`.
struct ChoiceReport {
  let lines: [String]

  init(_ result: Command.Result) {
    lines = result.output.components(separatedBy: "\n")
  }

  var image: String? { value("image") }
  var systemCallEntry: String? { value("way into the kernel") }
  var isOurs: Bool { value("ours") == "yes" }
  var isRight: Bool { value("time") == "right" && value("handlers that returned") == "2" }
  /// The lines of /proc/self/maps, without the inode number of the memory file that holds the time page, which is different each time.
  var maps: [String] {
    lines.filter { $0.contains("-") && !$0.contains(": ") }
      .map {
        $0.contains("memfd")
          ? $0.split(separator: " ").enumerated().filter { $0.offset != 4 }.map(\.element).joined(separator: " ") : $0
      }
  }

  private func value(_ name: String) -> String? {
    lines.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
  }
}

@Suite("Choice of vDSO")
struct VDSOChoiceTests {
  private static let loader = ProgramTests.loader

  static let kinds = [
    ProgramKind(name: "glibc", compiler: ["gcc"]),
    ProgramKind(name: "glibc, static", compiler: ["gcc", "-static"]),
    ProgramKind(name: "musl, static", compiler: ["musl-gcc", "-static"]),
    ProgramKind(name: "i386", compiler: UnusualProgram.i386),
    ProgramKind(name: "i386, static", compiler: UnusualProgram.i386 + ["-static"]),
  ]

  private func compile(_ kind: ProgramKind, in directory: TemporaryDirectory) throws -> String {
    try Fixtures.compile("programs/vdso-choice.c", with: kind.compiler, in: directory)
  }

  private func run(_ options: [String], _ program: [String]) throws -> ChoiceReport {
    let result = try Command.run([Self.loader] + options + program)
    #expect(result.status == 0, "\(options): \(result.output)")
    return ChoiceReport(result)
  }

  @Test(
    "gives a program our vDSO, the kernel's, none, or a file's, in which time and signals work", arguments: kinds,
    ProgramTests.engines)
  func choices(kind: ProgramKind, engine: String) throws {
    let directory = try TemporaryDirectory()
    let program = try compile(kind, in: directory)
    let direct = ChoiceReport(try Command.run([program]))
    let architecture = kind.name.hasPrefix("i386") ? "i386" : "x86_64"
    let file = "\(directory.path)/page.so"
    #expect(try Command.run([Self.loader, "image", "--arch", architecture, "--output", file]).status == 0)
    // All images have Linux's name, as consumers expect. The note identifies ours.
    let name = try #require(direct.image)
    try rename(name, to: "other-vdso.so.1", in: file)
    let images = ["ours": name, "kernel": name, "none": "none", file: "other-vdso.so.1"]
    for (choice, name) in images {
      let report = try run(["--engine", engine, "--vdso", choice], [program])
      #expect(report.image == name, "\(choice)")
      #expect(report.isOurs == (choice == "ours" || choice == file), "\(choice)")
      #expect(report.isRight, "\(choice): \(report.lines)")
      #expect(report.systemCallEntry == (choice == "none" ? "none" : direct.systemCallEntry), "\(choice)")
    }
    let tsc = try run(["--engine", engine, "--clock-source", "tsc", "--vdso", file], [program])
    #expect(tsc.image == "other-vdso.so.1" && tsc.isRight, "\(tsc.lines)")
  }

  /// Replaces a name in a file by one of the same length.
  private func rename(_ old: String, to new: String, in file: String) throws {
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes.replaceSubrange(try #require(bytes.firstRange(of: Data(old.utf8))), with: Data(new.utf8))
    try bytes.write(to: URL(filePath: file))
  }

  @Test("gives followed programs the chosen vDSO")
  func followed() throws {
    let directory = try TemporaryDirectory()
    let program = try compile(Self.kinds[1], in: directory)
    let report = try run(["--engine", "exec", "--follow", "--vdso", "none"], ["sh", "-c", "\(program); \(program)"])
    #expect(report.lines.count { $0 == "image: none" } == 2, "\(report.lines)")
  }

  /// Offsets in the x86_64 page's file, new bytes, and a word of the error.
  static let flaws: [(name: String, offset: Int, bytes: [UInt8], word: String)] = [
    ("not ELF", 0, [0], "ELF"),
    ("32-bit for x86_64", 4, [1], "32-bit"),
    ("another machine", 18, [183, 0], "aarch64"),
    ("a program", 16, [2, 0], "shared object"),
    ("two segments", 64 + 2 * 56, [1, 0, 0, 0], "segments"),
    ("a writable segment", 64 + 4, [7], "read and execute"),
    ("not the file's start", 64 + 8, [0, 0x10], "page boundary"),
    ("zeros behind the file", 64 + 40, [0xff, 0x7f], "longer in memory"),
    ("no dynamic table", 64 + 56, [0, 0, 0, 0], "dynamic"),
    ("an odd address", 64 + 16, [0, 8], "page boundary"),
  ]

  @Test(
    "refuses a damaged vDSO file with one line before anything starts", arguments: flaws.indices, ProgramTests.engines)
  func damaged(index: Int, engine: String) throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/page.so"
    #expect(try Command.run([Self.loader, "image", "--output", file]).status == 0)
    var bytes = try Data(contentsOf: URL(filePath: file))
    let flaw = Self.flaws[index]
    bytes.replaceSubrange(flaw.offset..<flaw.offset + flaw.bytes.count, with: flaw.bytes)
    try bytes.write(to: URL(filePath: file))
    try refuse(["--engine", engine, "--vdso", file], "--vdso", file, flaw.word)
  }

  /// A program that writes the kernel's own image to a file.
  private static let savingImage = """
    import sys
    line = next(line for line in open("/proc/self/maps") if "[vdso]" in line)
    start, end = (int(word, 16) for word in line.split()[0].split("-"))
    memory = open("/proc/self/mem", "rb")
    memory.seek(start)
    open(sys.argv[1], "wb").write(memory.read(end - start))
    """

  @Test("refuses a vDSO file that is no image, too large, for another program, or without the i386 entry")
  func unfit() throws {
    let directory = try TemporaryDirectory()
    let i386 = "\(directory.path)/i386.so"
    #expect(try Command.run([Self.loader, "image", "--arch", "i386", "--output", i386]).status == 0)
    try refuse(["--vdso", "/nonexistent.so"], "no such file", "ours, kernel, none")
    try refuse(["--vdso", "/"], "--vdso: /")
    try refuse(["--vdso", "/dev/null"], "/dev/null")
    try refuse(["--vdso", "/bin/ls"], "65536")
    try refuse(["--vdso", i386], "is for i386, but the program is for x86_64")
    try rename("__kernel_vsyscall", to: "__kernel_vsyscalX", in: i386)
    try refuse(["--vdso", i386], "__kernel_vsyscall")
    let kernels = "\(directory.path)/kernels.so"
    #expect(try Command.run(["python3", "-c", Self.savingImage, kernels]).status == 0)
    try refuse(["--vdso", kernels], "is a copy of the kernel's", "--vdso kernel")
    try #require(try Command.run(["mkfifo", "\(directory.path)/pipe"]).status == 0)
    try refuse(["--vdso", "\(directory.path)/pipe"], "pipe")
    let time = try Command.run([Self.loader, "--time", "+1d", "--vdso", "kernel", "true"])
    #expect(time.status == 125 && time.output.contains("need our page"), "\(time.output)")
  }

  /// Expects one line, exit status 125, and that the program has not run.
  private func refuse(_ options: [String], _ words: String...) throws {
    let result = try Command.run([Self.loader] + options + ["echo", "started"])
    #expect(result.status == 125 && !result.output.contains("started\n"), "\(result.output)")
    #expect(result.output.split(separator: "\n").count == 1, "\(result.output)")
    for word in words { #expect(result.output.contains(word), "\(result.output)") }
  }
}

@Suite("Addresses")
struct AddressTests {
  private static let loader = ProgramTests.loader

  @Test(
    "gives a program the same addresses in each run with --no-aslr", arguments: VDSOChoiceTests.kinds,
    ProgramTests.engines)
  func fixed(kind: ProgramKind, engine: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/vdso-choice.c", with: kind.compiler, in: directory)
    func maps(_ options: [String]) throws -> [String] {
      let result = try Command.run([Self.loader, "--engine", engine] + options + [program, "maps"])
      #expect(result.status == 0, "\(result.output)")
      return ChoiceReport(result).maps
    }
    for choice in ["ours", "none"] {
      let first = try maps(["--no-aslr", "--vdso", choice])
      #expect(first.count > 5)
      #expect(try maps(["--no-aslr", "--vdso", choice]) == first)
    }
    // With random addresses two runs differ, however demo-loader was started.
    #expect(try maps(["--aslr"]) != maps(["--aslr"]))
    let restored = try Command.run(["setarch", "-R", Self.loader, "--engine", engine, "--aslr", program, "maps"])
    #expect(try maps(["--aslr"]) != ChoiceReport(restored).maps)
  }

  @Test("starts nothing and says so if a filter forbids --no-aslr")
  func forbidden() throws {
    let directory = try TemporaryDirectory()
    let filtered = try directory.compile(
      """
      #include <errno.h>
      #include <linux/filter.h>
      #include <linux/seccomp.h>
      #include <stddef.h>
      #include <sys/prctl.h>
      #include <sys/syscall.h>
      #include <unistd.h>
      int main(int count, char **arguments) {
        struct sock_filter rules[] = {
          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_personality, 0, 1),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {4, rules};
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
        return count > 1 ? execv(arguments[1], arguments + 1) : 2;
      }
      """, named: "filtered", with: ["gcc"])
    for engine in ProgramTests.engines {
      let command = [filtered, Self.loader, "--engine", engine]
      let refused = try Command.run(command + ["--no-aslr", "echo", "started"])
      #expect(
        refused.status == 125 && refused.output.contains("cannot switch address randomization"), "\(refused.output)")
      #expect(refused.output.split(separator: "\n").count == 1 && !refused.output.contains("started"))
      for options in [[], ["--aslr"]] {
        let started = try Command.run(command + options + ["echo", "started"])
        #expect(started.status == 0 && started.output == "started\n", "\(started.output)")
      }
    }
  }

  @Test("gives our page random addresses with --aslr, under setarch -R too", arguments: ["exec", "load"])
  func random(engine: String) throws {
    func header(_ prefix: [String]) throws -> Substring? {
      let result = try Command.run(prefix + [Self.loader, "--engine", engine, "--aslr", "--verbose", "true"])
      return result.output.split(separator: "\n").first { $0.contains("our page at") }
    }
    let headers = try (0..<8).map { try header($0 % 2 == 0 ? [] : ["setarch", "-R"]) }
    #expect(!headers.contains(nil) && Set(headers).count > 6, "\(headers)")
  }

  @Test(
    "shows the auxiliary vector, with its addresses, as the program finds it", arguments: ["gcc", "i386"],
    ProgramTests.engines)
  func vector(compiler: String, engine: String) throws {
    let directory = try TemporaryDirectory()
    let program = try directory.compile(
      """
      #include <link.h>
      #include <stdio.h>
      int main(int argc, char **argv, char **environment) {
        while (*environment++) {}
        (void)argc, (void)argv;
        for (ElfW(auxv_t) *entry = (void *)environment; entry->a_type; entry++)
          printf("%lu %lx\\n", (unsigned long)entry->a_type, (unsigned long)entry->a_un.a_val);
      }
      """, named: "vector", with: compiler == "gcc" ? ["gcc"] : UnusualProgram.i386)
    for choice in ["ours", "none", "kernel"] {
      let result = try Command.run([
        "sh", "-c",
        "\(Self.loader) --engine \(engine) --no-follow --vdso \(choice) --show-auxv \(program) 2>\(directory.path)/shown",
      ])
      let shown = try String(contentsOfFile: "\(directory.path)/shown", encoding: .utf8).split(separator: "\n")
      #expect(shown.first?.hasPrefix("number  name") == true, "\(shown)")
      let found = result.output.split(separator: "\n")
      try #require(result.status == 0 && found.count == shown.count - 1, "\(result.output) \(shown)")
      for (entry, line) in zip(found, shown.dropFirst()) {
        let (number, value) = (entry.split(separator: " ")[0], entry.split(separator: " ")[1])
        let cells = line.split(separator: " ")
        let text = String(cells[2])
        let parsed = text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
        #expect(cells[0] == number && parsed == UInt64(value, radix: 16), "\(entry) \(line)")
      }
      #expect(shown.contains { $0.contains("AT_EXECFN") && $0.hasSuffix(": \(program)") }, "\(shown)")
    }
  }
}
