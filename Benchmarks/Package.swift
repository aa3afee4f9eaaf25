// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own: a package that imports the libraries gets nothing of it.
let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "swift-vdso", path: ".."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "LibraryBenchmarks",
      dependencies: [
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "AuxvLoader", package: "swift-vdso"),
        .product(name: "ELF", package: "swift-vdso"),
        .product(name: "VDSOResolver", package: "swift-vdso"),
        .product(name: "SimulatedKernel", package: "swift-vdso"),
        "CReference",
      ],
      path: "Benchmarks/LibraryBenchmarks",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    .target(name: "CReference", path: "ReferenceResolver"),
  ],
  swiftLanguageModes: [.v6]
)
