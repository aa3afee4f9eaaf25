// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Builds the programs that time calls, and writes them as Swift source. The build plugin runs it.
@main
struct Main {
  /// Architecture, target triple, the linker's emulation, and the path of the dynamic linker.
  private static let targets = [
    ("x86_64", "x86_64-unknown-linux-gnu", "elf_x86_64", "/lib64/ld-linux-x86-64.so.2"),
    ("i386", "i686-unknown-linux-gnu", "elf_i386", "/lib/ld-linux.so.2"),
  ]

  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("bench-program-tool: error: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(_ arguments: [String]) throws {
    guard arguments.count == 6 else {
      throw BuildFailure(description: "usage: bench-program-tool CLANG LINKER SOURCES HEADERS WORK OUTPUT")
    }
    let (clang, linker, sources, headers) = (arguments[0], arguments[1], arguments[2], arguments[3])
    var text = "// Made by bench-program-tool from Benchmarks/worker.\n\nextension BenchProgram {\n"
    for (name, triple, emulation, interpreter) in targets {
      let stem = "\(arguments[4])/\(name)"
      // The system's headers aren't used, because those for 32-bit programs may not be installed.
      try call(
        clang,
        [
          "--target=\(triple)", "-O2", "-fPIC", "-ffreestanding", "-nostdlibinc", "-fno-builtin",
          "-fno-stack-protector",
          "-fno-asynchronous-unwind-tables", "-Wall", "-Wextra", "-Werror", "-I", headers, "-c", "\(sources)/worker.c",
          "-o", "\(stem).o",
        ])
      // A library with the C library's name that defines the called functions, which only the linker uses.
      try call(clang, ["--target=\(triple)", "-c", "\(sources)/libc.s", "-o", "\(stem).libc.o"])
      try call(linker, ["-m", emulation, "-shared", "-soname", "libc.so.6", "\(stem).libc.o", "-o", "\(stem).libc.so"])
      try call(
        linker,
        [
          "-m", emulation, "-pie", "--gc-sections", "-s", "-z", "now", "-z", "noexecstack", "-z", "max-page-size=4096",
          "--build-id=none", "--hash-style=gnu", "--dynamic-linker", interpreter, "\(stem).o", "\(stem).libc.so",
          "-o", stem,
        ])
      let bytes = try Data(contentsOf: URL(fileURLWithPath: stem))
      text += "  static let \(name)Bytes: [UInt8] = [\n"
      for start in stride(from: 0, to: bytes.count, by: 32) {
        text += "    " + bytes[start..<min(start + 32, bytes.count)].map(String.init).joined(separator: ", ") + ",\n"
      }
      text += "  ]\n"
    }
    try Data((text + "}\n").utf8).write(to: URL(fileURLWithPath: arguments[5]))
  }

  private static func call(_ program: String, _ arguments: [String]) throws {
    let process = try Process.run(URL(fileURLWithPath: program), arguments: arguments)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BuildFailure(
        description: "\(program) exited with \(process.terminationStatus): \(arguments.joined(separator: " "))")
    }
  }
}

/// A step of the build that failed.
private struct BuildFailure: Error, CustomStringConvertible {
  var description: String
}
