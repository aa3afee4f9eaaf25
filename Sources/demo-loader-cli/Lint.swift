// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ConsumerContract
import ELF
import SimulatedKernel
import VDSOImages

/// `demo-loader lint`: what the consumers of an image rely on, rule by rule.
struct Lint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a vDSO image against what its consumers rely on.",
    discussion: """
      For each broken rule, lint shows the software that relies on it and the effect there: a crash, slow clocks, or tools \
      that work badly. Without an image, the kernel's vDSO in demo-loader itself is checked.

      The exit status is 0 if every rule is kept, 2 if one is broken, and 1 if no image could be read.

      Examples:
        demo-loader lint page.so
        demo-loader lint --pid 1
        demo-loader lint --arch i386 --json
      """)

  @Argument(help: "Check the image in this file.")
  var file: ByteArgument?

  @Option(help: "Check the vDSO of this process. You must be allowed to trace it.")
  var pid: Int32?

  @Option(help: "Check the vDSO in this core file.")
  var core: ByteArgument?

  @Option(
    help:
      "Check our page for an architecture: \(VDSOImages.Architecture.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var arch: VDSOImages.Architecture?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if [file != nil, pid != nil, core != nil, arch != nil].count(where: { $0 }) > 1 {
      throw ValidationError("Choose one of FILE, --pid, --core and --arch: an image has one source.")
    }
  }

  func run() throws {
    let subject = arch.map { "our page for \($0.rawValue)" } ?? source.subject
    let report = try Failure.reported(subject: subject) { try LintReport(image()) }
    print(json ? try JSONText.encode(report) : report.text(subject: subject, TextStyle.ofStandardOutput))
    if !report.broken.isEmpty { throw ExitCode(2) }
  }

  private var source: ImageSource {
    var source = ImageSource()
    (source.pid, source.core, source.file) = (pid, core, file)
    return source
  }

  private func image() throws -> ELFImage {
    guard let arch else { return try source.elfImage() }
    return try ELFImage(bytes: CodePage(architecture: arch)?.bytes ?? [])
  }
}
