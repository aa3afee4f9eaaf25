// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ConsumerContract
import ELF
import SimulatedKernel
import VDSOImages

/// `demo-loader lint`: checks an image against the rules that its consumers rely on.
struct Lint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a vDSO image against what its consumers rely on.",
    discussion: """
      For each broken rule, lint shows the software that relies on it and the effect there: a crash, slow clocks, or tools \
      that work badly. Without an image, the kernel's vDSO in demo-loader itself is checked.

      Functions that only newer kernels have are listed too, and break no rule. The exit status is 0 if no rule is broken, 2 if \
      one is, and 1 if no image could be read.

      Examples:
        demo-loader lint page.so
        demo-loader lint --pid 1
        demo-loader lint --arch i386 --json
      """)

  @OptionGroup var source: ImageSource

  @Option(
    help:
      "Check our page for an architecture: \(VDSOImages.Architecture.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var arch: VDSOImages.Architecture?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if arch != nil, !source.isThisProcess {
      throw ValidationError("Choose one of FILE, --pid, --core and --arch: an image has one source.")
    }
  }

  func run() throws {
    let subject = arch.map { "our page for \($0.rawValue)" } ?? source.subject
    let report = try Failure.reported(subject: subject) { try LintReport(image()) }
    print(json ? try JSONTree(report).text() : report.text(subject: subject, TextStyle.ofStandardOutput))
    if !report.broken.isEmpty { throw ExitCode(2) }
  }

  private func image() throws -> ELFImage {
    guard let arch else { return try source.elfImage() }
    return try ELFImage(bytes: CodePage(architecture: arch)?.bytes ?? [])
  }
}
