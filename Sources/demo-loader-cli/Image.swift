// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import ELF
import Glibc
import SimulatedKernel
public import VDSOImages

/// `demo-loader image`: the code page that the simulated kernel makes, described or written to a file.
struct Image: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describe our page, or write it to a file.",
    discussion: """
      Examples:
        demo-loader image --arch i386
        demo-loader image --output page.so
        demo-loader image --format c --output page.c
        demo-loader image --arch i386 --format report
      """)

  @Option(help: "The architecture: \(VDSOImages.Architecture.allCases.map(\.rawValue).joined(separator: ", ")).")
  var arch: VDSOImages.Architecture = .native

  @Option(
    name: [.customLong("flavor"), .customLong("flavour")],
    help:
      "What a function does if the page has no answer: linux (it makes a system call) or mach (it returns ENOSYS; only i386)."
  )
  var flavor: VDSOImages.Flavor = .linux

  @Option(
    help: """
      What to write: elf (the ELF file), bin (the whole page), c (the page as a C array), header (vdso.h, which the array \
      needs), report (the purpose of each byte, and the instructions), svg (the same as a picture).
      """)
  var format: ImageFormat?

  @Option(
    name: .shortAndLong,
    help: "The file to write; - is standard output. Without --output and --format the page is described.")
  var output: ByteArgument?

  @Flag(help: "Print the description as JSON.")
  var json = false

  func validate() throws {
    guard !json || (output == nil && format == nil) else {
      throw ValidationError(
        "--json describes the page, and --output and --format write it: omit --json, or omit both of them.")
    }
    guard VDSOImages.fileSize(for: arch, flavor: flavor) != nil else {
      throw ValidationError("There is no \(arch) image in the flavor \(flavor): the mach flavor exists only for i386.")
    }
    guard output?.text ?? (format == nil ? nil : "-") != "-" || (format ?? .elf).isText || isatty(STDOUT_FILENO) == 0
    else {
      throw ValidationError("This format is binary, and standard output is a terminal: name a file with --output.")
    }
  }

  func run() throws {
    // The page exists, because `validate` has checked that.
    guard let page = CodePage(architecture: arch, flavor: flavor),
      let fileSize = VDSOImages.fileSize(for: arch, flavor: flavor)
    else { return }
    guard output != nil || format != nil else { return try describe(page, fileSize: fileSize) }
    let data = try (format ?? .elf).data(page, fileSize: fileSize)
    try (output.map(OutputFile.init) ?? .standard).write(data)
  }

  private func describe(_ page: CodePage, fileSize: Int) throws {
    let description = ImageDescription(page, fileSize: fileSize)
    print(json ? try JSONTree(description).text() : description.table)
  }
}

/// The formats of `demo-loader image`.
enum ImageFormat: String, CaseIterable, ExpressibleByArgument {
  case elf
  case bin
  case c
  case header
  case report
  case svg

  var isText: Bool { self != .elf && self != .bin }

  func data(_ page: CodePage, fileSize: Int) throws -> [UInt8] {
    switch self {
    case .elf: return Array(page.bytes[..<fileSize])
    case .bin: return page.bytes
    case .c: return Array(cArray(page).utf8)
    case .header: return Array(VDSOImages.header.utf8)
    case .report:
      return Array(try ImageReport(page: page, fileSize: fileSize, layout: ImageLayout(page)).text().utf8)
    case .svg: return Array(ImagePicture(page: page, layout: try ImageLayout(page)).svg.utf8)
    }
  }

  private func cArray(_ page: CodePage) -> String {
    let rows = stride(from: 0, to: page.bytes.count, by: 16).map { start in
      "  " + page.bytes[start..<start + 16].map { hexadecimal($0) }.joined(separator: ", ") + ",\n"
    }
    return """
      /* The vDSO code page for \(page.architecture), flavor \(page.flavor). Its layout is vdso.h's. */
      #include "vdso.h"

      const unsigned char vdso_page[VDSO_PAGE_SIZE] __attribute__((aligned(VDSO_PAGE_SIZE))) = {
      \(rows.joined())};

      """
  }
}

extension VDSOImages.Architecture: ExpressibleByArgument {}
extension VDSOImages.Flavor: ExpressibleByArgument {}
