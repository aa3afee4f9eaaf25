// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Compiles, assembles and links the guest code into an image.
struct ImageBuilder {
  var toolchain: Toolchain
  /// The folder of the guest code, VDSO.
  var sources: String
  /// The folder of vdso.h.
  var headers: String
  /// Where intermediate files go.
  var work: String

  /// Returns the bytes of the image of `target`, as linked.
  func build(_ target: GuestTarget) throws -> [UInt8] {
    let directory = "\(work)/\(target.name)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try compile(target, into: directory)
    try assemble(target, in: directory)
    try link(target, in: directory)
    return try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(directory)/image.so")))
  }

  private func compile(_ target: GuestTarget, into directory: String) throws {
    let swiftFiles = try FileManager.default.contentsOfDirectory(atPath: sources)
      .filter { $0.hasSuffix(".swift") }.sorted().map { "\(sources)/\($0)" }
    try toolchain.run(
      toolchain.swiftc,
      [
        "-target", target.triple, "-Osize", "-wmo", "-parse-as-library", "-module-name", "VDSO",
        "-swift-version", "6", "-strict-memory-safety", "-warnings-as-errors",
        "-enable-experimental-feature", "Embedded", "-Xfrontend", "-disable-stack-protector",
        "-Xfrontend", "-function-sections", "-Xcc", "-ffreestanding", "-Xcc", target.codeModel,
        "-module-cache-path", "\(directory)/modules",
        "-I", headers, "-I", "\(sources)/include", "-Xcc", "-I\(architectureDirectory(target))",
      ] + target.definitions.flatMap { ["-Xcc", "-D\($0)"] } + ["-emit-ir", "-o", "\(directory)/compiled.ll"]
        + swiftFiles)
    let code = try String(contentsOfFile: "\(directory)/compiled.ll", encoding: .utf8)
    try write(IntermediateCode.adjusted(code, for: target), to: "\(directory)/guest.ll")
    try toolchain.run(
      toolchain.clang,
      [
        "--target=\(target.triple)", "-Os", target.codeModel, "-ffunction-sections", "-Wno-override-module",
        "-S", "\(directory)/guest.ll", "-o", "\(directory)/compiled.s",
      ])
    let assembly = try JoinedFunctions(
      in: String(contentsOfFile: "\(directory)/compiled.s", encoding: .utf8), gaps: target.gaps)
    if let trap = assembly.trap {
      throw BuildFailure(
        description: "image \(target.name): \(trap) can crash: use wrapping arithmetic and conversions")
    }
    for (gap, functions) in assembly.gaps.enumerated() { try write(functions, to: "\(directory)/gap.\(gap).s") }
    try write(assembly.functions, to: "\(directory)/functions.s")
    try write(assembly.rest, to: "\(directory)/rest.s")
  }

  private func assemble(_ target: GuestTarget, in directory: String) throws {
    try toolchain.run(
      toolchain.clang,
      [
        "--target=\(target.triple)", "-I", headers, "-I", "\(sources)/include", "-Wa,-I,\(directory)",
        "-c", "\(architectureDirectory(target))/entry.S", "-o", "\(directory)/image.o",
      ] + target.definitions.map { "-D\($0)" })
    try toolchain.run(
      toolchain.clang,
      [
        "--target=\(target.triple)", "-I", headers, "-E", "-P", "-x", "assembler-with-cpp",
        "\(sources)/vdso.lds.S", "-o", "\(directory)/image.lds",
      ] + target.definitions.map { "-D\($0)" })
  }

  private func link(_ target: GuestTarget, in directory: String) throws {
    try toolchain.run(
      toolchain.linker,
      [
        "-m", target.emulation, "-shared", "--no-undefined", "-O2", "--gc-sections",
        "--hash-style=both", "--build-id=fast", "--eh-frame-hdr", "-z", "noexecstack", "-z", "max-page-size=4096",
        "-soname", target.soname, "-T", "\(directory)/image.lds",
        "--version-script", "\(architectureDirectory(target))/versions.map",
        "\(directory)/image.o", "-o", "\(directory)/image.so",
      ])
  }

  private func architectureDirectory(_ target: GuestTarget) -> String {
    "\(sources)/Arch/\(target.architecture)"
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}
