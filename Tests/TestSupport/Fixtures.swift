// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where tests find their sources and the package's programs.
public enum Fixtures {
  /// The package's folder.
  public static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path()

  /// A file below Tests/Fixtures.
  public static func path(_ name: String) -> String { "\(package)/Tests/Fixtures/\(name)" }

  /// A program or library that the package builds next to the tests. `DEMO_LOADER` names another build of demo-loader: the Embedded one,
  /// which is what gets installed. libSessionInterface is taken from beside it if it was built there.
  public static func product(_ name: String) -> String {
    if let loader = ProcessInfo.processInfo.environment["DEMO_LOADER"] {
      if name == "demo-loader" { return loader }
      let library = URL(filePath: loader).deletingLastPathComponent().appending(path: name).path()
      if name == "libSessionInterface.so", FileManager.default.fileExists(atPath: library) { return library }
    }
    let tests = URL(filePath: CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0])
    return tests.deletingLastPathComponent().appending(path: name).path()
  }

  /// Compiles `source`, a C file below Tests/Fixtures, with `compiler` and its arguments, into `directory`.
  public static func compile(_ source: String, with compiler: [String], in directory: TemporaryDirectory) throws
    -> String
  {
    let name = "\(directory.path)/\(UUID().uuidString)"
    let include = "-I\(package)/Sources/CVDSO"
    let result = try Command.run(compiler + [include, "-Wall", "-Wextra", "-Werror", "-o", name, path(source)])
    guard result.status == 0 else { throw CompilationFailure(output: result.output) }
    return name
  }
}
