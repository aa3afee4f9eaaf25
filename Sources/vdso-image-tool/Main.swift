// SPDX-License-Identifier: Apache-2.0

import CVDSO
import Foundation
import VDSOImageRules

/// Builds the images of VDSO/, checks them, and writes them as Swift source. The build plugin runs it.
@main
struct Main {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("vdso-image-tool: error: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(_ arguments: [String]) throws {
    guard arguments.count == 7 else {
      throw BuildFailure(description: "usage: vdso-image-tool SWIFTC CLANG LINKER SOURCES HEADERS WORK OUTPUT")
    }
    let builder = ImageBuilder(
      toolchain: Toolchain(swiftc: arguments[0], clang: arguments[1], linker: arguments[2]),
      sources: arguments[3], headers: arguments[4], work: arguments[5])
    let pageSize = Int(VDSO_PAGE_SIZE)
    // Removes the files of images that no longer exist.
    let debugFiles = arguments[5] + "/debug"
    try? FileManager.default.removeItem(atPath: debugFiles)
    let images = try GuestTarget.all.map { target in
      let linked = try builder.build(target)
      let image = try SectionTable.trimmed(LinkedImage(linked))
      try check(image, of: target)
      try DebugFile.write(linked, of: image, to: debugFiles)
      return (name: target.name, bytes: image)
    }
    func header(_ name: String) throws -> String {
      try String(contentsOf: URL(fileURLWithPath: "\(arguments[4])/\(name)"), encoding: .utf8)
    }
    // The header becomes a single file, because users copy it.
    let part = "vdso_clocks.h"
    let header = try header("vdso.h").replacingOccurrences(of: "#include \"\(part)\"\n", with: header(part))
    let text = EmbeddedSource.text(images, pageSize: pageSize, header: header)
    try Data(text.utf8).write(to: URL(fileURLWithPath: arguments[6]))
  }

  /// An image that breaks a rule must not get into the package.
  private static func check(_ image: [UInt8], of target: GuestTarget) throws {
    let violations = ImageRules.violations(in: image, traps: target.traps)
    guard violations.isEmpty else {
      throw BuildFailure(description: violations.map { "image \(target.name) \($0)" }.joined(separator: "; "))
    }
  }
}
