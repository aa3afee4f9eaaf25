// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Builds the programs of Benchmarks/worker with the toolchain's own compiler and linker.
@main
struct BuildBenchPrograms: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL
    let sources = root.appending(path: "Benchmarks/worker")
    let headers = root.appending(path: "Sources/CVDSO")
    let output = context.pluginWorkDirectoryURL.appending(path: "BenchPrograms+Bytes.swift")
    let programs = try context.tool(named: "swiftc").url.deletingLastPathComponent()
    let inputs = ["worker.c", "libc.s", "elf-types.h", "machine.h", "page.h", "pages.h"].map {
      sources.appending(path: $0)
    }
    return [
      .buildCommand(
        displayName: "Building the programs that time calls",
        executable: try context.tool(named: "bench-program-tool").url,
        arguments: [
          programs.appending(path: "clang").path(), programs.appending(path: "ld.lld").path(), sources.path(),
          headers.path(), context.pluginWorkDirectoryURL.path(), output.path(),
        ],
        inputFiles: inputs + ["vdso.h", "vdso_clocks.h"].map { headers.appending(path: $0) },
        outputFiles: [output])
    ]
  }
}
