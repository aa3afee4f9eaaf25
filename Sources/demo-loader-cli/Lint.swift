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
      Each broken rule is shown with who relies on it, and what that consumer does: crash, go slow, or serve tools badly. \
      Without an image it is this process's, the kernel's.

      Exit status: 0 where every rule is kept, 2 where one is broken, 1 where there is no image to read.

      Examples:
        demo-loader lint page.so
        demo-loader lint --pid 1
        demo-loader lint --arch i386 --json
      """)

  @Argument(help: "The image in this file.")
  var file: ByteArgument?

  @Option(help: "That of process PID, which you may trace.")
  var pid: Int32?

  @Option(help: "That of the process that left this core file.")
  var core: ByteArgument?

  @Option(
    help: "Ours for an architecture: \(VDSOImages.Architecture.allCases.map(\.rawValue).joined(separator: ", ")).")
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
