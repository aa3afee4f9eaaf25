// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "swift-vdso",
  products: [
    .library(name: "AuxvLoader", targets: ["AuxvLoader"]),
    .library(name: "VDSOResolver", targets: ["VDSOResolver"]),
    .library(name: "SimulatedKernel", targets: ["SimulatedKernel"]),
    .executable(name: "demo-loader", targets: ["demo-loader"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    .systemLibrary(name: "CElf", pkgConfig: "libelf", providers: [.apt(["libelf-dev"])]),
    .target(name: "CLinux"),
    .systemLibrary(name: "CVDSO"),
    .target(name: "ELF", dependencies: ["CElf"], swiftSettings: strict),
    .testTarget(name: "ELFTests", dependencies: ["ELF"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
