// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Builds the vDSO images from VDSO/ with the toolchain's own compiler and linker.
@main
struct BuildVDSOImages: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL
    let sources = root.appending(path: "VDSO")
    let headers = root.appending(path: "Sources/CVDSO")
    let output = context.pluginWorkDirectoryURL.appending(path: "VDSOImages+Bytes.swift")
    let swiftc = try context.tool(named: "swiftc").url
    let programs = swiftc.deletingLastPathComponent()
    return [
      .buildCommand(
        displayName: "Building the vDSO images",
        executable: try context.tool(named: "vdso-image-tool").url,
        arguments: [
          swiftc.path(), programs.appending(path: "clang").path(), programs.appending(path: "ld.lld").path(),
          sources.path(), headers.path(), context.pluginWorkDirectoryURL.path(), output.path(),
        ],
        inputFiles: try files(below: sources) + files(below: headers),
        outputFiles: [output])
    ]
  }

  /// All files of the directory, so that a new file is a new input.
  private func files(below directory: URL) throws -> [URL] {
    guard let all = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil) else { return [] }
    return all.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
  }
}
