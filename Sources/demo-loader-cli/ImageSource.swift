// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuxvLoader
import ELF
import VDSOResolver

/// The source from which a command takes its vDSO image; by default this process.
struct ImageSource: ParsableArguments {
  @Option(parsing: .unconditional, help: "Use the vDSO of this process. You must be allowed to trace it.")
  var pid: Int32?

  @Option(help: "Use the vDSO in this core file.")
  var core: ByteArgument?

  @Argument(help: ArgumentHelp("Use the image in this file.", valueName: "file"))
  var path: ByteArgument?

  @Option(name: .customLong("file"), help: "The same as FILE.")
  var option: ByteArgument?

  var file: ByteArgument? { path ?? option }

  func validate() throws {
    if [pid != nil, core != nil, path != nil, option != nil].count(where: { $0 }) > 1 {
      throw ValidationError("Choose one of FILE, --pid and --core: an image has one source.")
    }
  }

  /// The subject that errors name.
  var subject: String {
    pid.map { "process \($0)" } ?? core?.text ?? file?.text ?? "this process"
  }

  /// The image as an ELF file or as it lies in memory, damaged or not.
  func elfImage() throws -> ELFImage {
    if let file { return try ELFImage(path: file.bytes) }
    return try ELFImage(bytes: memory(), layout: .memory)
  }

  private func memory() throws -> [UInt8] {
    if let core {
      let file = try CoreFile(path: core.bytes)
      return try VDSOImage.bytes(in: file.memory, at: file.vector[.vdso] ?? 0)
    }
    let vector = if let pid { try AuxiliaryVector.ofProcess(pid).vector } else { try AuxiliaryVector.current() }
    return try VDSOImage.bytes(in: pid.map(ProcessMemory.init) ?? .own, at: vector[.vdso] ?? 0)
  }

  /// Whether the image is mapped in this process, so that its functions can be called.
  var isThisProcess: Bool { pid == nil && core == nil && file == nil }

  /// The image. The image of a file is treated as if it were mapped at 0.
  func image() throws -> VDSOImage {
    if let pid { return try VDSOImage.ofProcess(pid) }
    if let core { return try VDSOImage(ofCore: CoreFile(path: core.bytes)) }
    if let file { return try VDSOImage(SharedObject(ELFImage(path: file.bytes)), mappedAt: 0) }
    return try VDSOImage.current()
  }
}
