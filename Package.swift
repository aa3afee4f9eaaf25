// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// For release, a static position-independent executable: it starts fastest, needs no Swift on the machine, and leaves the
// addresses of fixed-address programs free.
let staticPIE: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-static-executable", "-use-ld=lld", "-Xclang-linker", "-static-pie", "-Xlinker", "--gc-sections",
      "-Xlinker", "--pack-dyn-relocs=relr",
    ], .when(configuration: .release))
]

// What makes demo-loader-cli smaller: equal functions are one, there are no tables for unwinding, and `make release` names an object that
// takes the place of Foundation.
let foundation = Context.environment["SWIFT_VDSO_FOUNDATION"].map { ["-Xlinker", $0] } ?? []
let small: [LinkerSetting] = [
  .unsafeFlags(
    ["-Xlinker", "--icf=all", "-Xlinker", "-T\(Context.packageDirectory)/Embedded/no-unwind-tables.ld"] + foundation,
    .when(configuration: .release))
]

let package = Package(
  name: "swift-vdso",
  products: [
    .library(name: "AuxvLoader", targets: ["AuxvLoader"]),
    .library(name: "ProgramLoader", targets: ["ProgramLoader"]),
    .library(name: "VDSOResolver", targets: ["VDSOResolver"]),
    .library(name: "VDSOCalls", targets: ["VDSOCalls"]),
    .library(name: "SimulatedKernel", targets: ["SimulatedKernel"]),
    .library(name: "SharedTimePages", targets: ["SharedTimePages"]),
    .library(name: "MachInterface", targets: ["MachInterface"]),
    .library(name: "VirtualTime", targets: ["VirtualTime"]),
    .library(name: "SessionInterface", type: .dynamic, targets: ["SessionInterface"]),
    .library(name: "ELF", targets: ["ELF"]),
    .executable(name: "demo-loader", targets: ["demo-loader"]),
    .executable(name: "demo-loader-cli", targets: ["demo-loader-cli"]),
  ],
  // Whoever imports libraries alone depends on this package with `traits: []`, and gets no other packages.
  traits: [
    .default(enabledTraits: ["Commands"]),
    .trait(name: "Commands", description: "demo-loader-cli, and the packages that it needs"),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // The outside world: libelf, raw system calls, files and processes, and the binary interface of the page.
    .systemLibrary(name: "CElf", pkgConfig: "libelf", providers: [.apt(["libelf-dev"])]),
    .target(name: "CSystemCalls"),
    .target(name: "CLinux", dependencies: ["CSystemCalls"]),
    .systemLibrary(name: "CVDSO"),

    // The libraries. A target imports only targets above it.

    // Values of Linux's interface, error numbers among them, and how they are printed.
    .target(name: "LinuxTypes", dependencies: ["CSystemCalls", "CVDSO"], swiftSettings: strict),

    // Images that this process has mapped, read in place, and calls of the vDSO with their fallback. Neither needs libelf.
    .target(name: "MappedELF", dependencies: ["LinuxTypes"], swiftSettings: strict),
    .target(name: "VDSOCalls", dependencies: ["CSystemCalls", "LinuxTypes", "MappedELF"], swiftSettings: strict),

    // Images of any machine, by libelf; auxiliary vectors; vDSO images with their symbols and versions.
    .target(name: "ELF", dependencies: ["CElf", "CLinux", "MappedELF"], swiftSettings: strict),
    .target(name: "AuxvLoader", dependencies: ["CLinux", "ELF"], swiftSettings: strict),
    .target(
      name: "VDSOResolver", dependencies: ["AuxvLoader", "CLinux", "ELF", "VDSOCalls"], swiftSettings: strict),
    // The fields of ELF files, for code that writes them.
    .target(name: "ELFEditing", dependencies: ["MappedELF"], swiftSettings: strict),

    // Files of /proc, descriptors, PATH.
    .target(name: "ProcessSupport", dependencies: ["CLinux", "LinuxTypes"], swiftSettings: strict),

    // Loading and starting programs in this process.
    .target(
      name: "ProgramLoader", dependencies: ["AuxvLoader", "CLinux", "ELF", "MappedELF", "ProcessSupport"],
      swiftSettings: strict),

    // The values of the page, its writer, and the host's clocks from which it is filled.
    .target(
      name: "TimePages", dependencies: ["AuxvLoader", "CLinux", "CVDSO", "LinuxTypes", "MappedELF", "ProcessSupport"],
      swiftSettings: strict),

    .target(
      name: "SimulatedKernel",
      dependencies: [
        "CLinux", "CVDSO", "ELF", "ELFEditing", "ProcessSupport", "SharedTimePages", "TimePages", "VDSOImageRules",
        "VDSOImages",
      ],
      swiftSettings: strict),

    // The producer with the names of GNU Mach's design, in C.
    .target(
      name: "MachInterface", dependencies: ["CVDSO", "SimulatedKernel", "VDSOImages"], swiftSettings: strict),

    // Another time: specifications by people, and the maps of the page that show it.
    .target(
      name: "VirtualTime", dependencies: ["CLinux", "CVDSO", "ProcessSupport", "TimePages"], swiftSettings: strict),

    // The time of running sessions, in C.
    .target(
      name: "SessionInterface", dependencies: ["CLinux", "ProcessSupport", "VirtualTime"], swiftSettings: strict),

    // The rules of code pages, which the build and the producer check.
    .target(name: "VDSOImageRules", dependencies: ["CVDSO", "ELF"], swiftSettings: strict),

    // Time pages of other systems: FreeBSD's and Mach's, read and written.
    .target(name: "SharedTimePages", dependencies: ["CLinux", "ELF"], swiftSettings: strict),

    // The rules that consumers rely on in any vDSO image.
    .target(name: "ConsumerContract", dependencies: ["ELF", "VDSOResolver"], swiftSettings: strict),

    // The page: built from VDSO/ by the plugin, never committed.
    .target(name: "VDSOImages", swiftSettings: strict, plugins: ["BuildVDSOImages"]),
    .plugin(name: "BuildVDSOImages", capability: .buildTool(), dependencies: ["vdso-image-tool"]),
    .executableTarget(
      name: "vdso-image-tool", dependencies: ["CVDSO", "ELF", "ELFEditing", "VDSOImageRules"], swiftSettings: strict),

    // The programs that `demo-loader bench` starts, built from Benchmarks/worker by its plugin.
    .target(
      name: "BenchPrograms", dependencies: ["ELFEditing"], swiftSettings: strict, plugins: ["BuildBenchPrograms"]),
    .plugin(name: "BuildBenchPrograms", capability: .buildTool(), dependencies: ["bench-program-tool"]),
    .executableTarget(name: "bench-program-tool", swiftSettings: strict),

    // Charts of measurements.
    .target(name: "Charts", swiftSettings: strict),

    // The reasons why a machine's clocks are fast or slow.
    .target(name: "ClockDoctor", dependencies: ["ProcessSupport", "TimePages"], swiftSettings: strict),
    // Starting programs with the kernel's execve, and injecting their pages.
    .target(
      name: "ExecEngine",
      dependencies: [
        "AuxvLoader", "CLinux", "CVDSO", "ELF", "ProcessSupport", "SimulatedKernel", "TimePages", "VDSOResolver",
      ],
      swiftSettings: strict),

    // Giving pages to programs that run already, and taking them away.
    .target(
      name: "ProcessAttachment",
      dependencies: [
        "AuxvLoader", "CLinux", "CVDSO", "ELF", "ExecEngine", "ProcessSupport", "SimulatedKernel", "TimePages",
        "VDSOResolver",
      ],
      swiftSettings: strict),

    // System calls that read clocks or wait for them, answered with a session's time.
    .target(
      name: "TimeCalls",
      dependencies: [
        "AuxvLoader", "CLinux", "CVDSO", "ELF", "ExecEngine", "ProcessSupport", "TimePages", "VirtualTime",
      ],
      swiftSettings: strict),

    // The command: the launcher that starts programs, and the program that parses all other arguments.
    .target(
      name: "Launcher",
      dependencies: [
        "AuxvLoader", "CLinux", "CVDSO", "ELF", "ExecEngine", "ProcessAttachment", "ProcessSupport", "ProgramLoader",
        "SimulatedKernel", "TimeCalls", "TimePages", "VDSOImages", "VDSOResolver", "VirtualTime",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "demo-loader", dependencies: ["CLinux", "Launcher", "ProcessSupport"], swiftSettings: strict,
      linkerSettings: staticPIE),
    .executableTarget(
      name: "demo-loader-cli",
      dependencies: [
        "AuxvLoader", "Charts", "BenchPrograms", "CLinux", "CVDSO", "ClockDoctor", "ConsumerContract", "ELF",
        "ELFEditing", "ExecEngine", "Launcher", "ProcessSupport", "SimulatedKernel", "TimePages", "VDSOImages",
        "VDSOResolver", "VirtualTime",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["Commands"])),
        .product(name: "Histogram", package: "hdrhistogram-swift", condition: .when(traits: ["Commands"])),
      ],
      swiftSettings: strict, linkerSettings: staticPIE + small),

    // The resolver's speed, compared with a C program's.
    .target(name: "ReferenceResolver", path: "Benchmarks/ReferenceResolver"),
    .executableTarget(
      name: "resolver-bench", dependencies: ["CLinux", "ReferenceResolver", "VDSOResolver"],
      path: "Benchmarks/resolver-bench", swiftSettings: strict),

    // The tables of `make bench-peers`, and the pictures of documents' tables.
    .executableTarget(name: "peer-report", path: "Benchmarks/peer-report", swiftSettings: strict),
    .executableTarget(
      name: "table-chart", dependencies: ["Charts"], path: "Benchmarks/table-chart", swiftSettings: strict),

    .testTarget(name: "LinuxTypesTests", dependencies: ["LinuxTypes"], swiftSettings: strict),
    .testTarget(name: "ELFTests", dependencies: ["CElf", "CLinux", "ELF", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "AuxvLoaderTests", dependencies: ["AuxvLoader", "CLinux", "ELF", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ProgramLoaderTests", dependencies: ["ELF", "ProcessSupport", "ProgramLoader", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "VDSOResolverTests", dependencies: ["AuxvLoader", "CLinux", "ELF", "TestSupport", "VDSOResolver"],
      swiftSettings: strict),
    .testTarget(
      name: "SharedTimePagesTests", dependencies: ["ELF", "SharedTimePages", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "SimulatedKernelTests",
      dependencies: [
        "CLinux", "CVDSO", "ELF", "MachInterface", "SharedTimePages", "SimulatedKernel", "TestSupport", "TimePages",
        "VDSOImages",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "VDSOImagesTests",
      dependencies: ["ConsumerContract", "ELF", "SimulatedKernel", "TestSupport", "VDSOImageRules", "VDSOImages"],
      swiftSettings: strict),
    .testTarget(name: "ClockDoctorTests", dependencies: ["ClockDoctor"], swiftSettings: strict),
    .testTarget(
      name: "ExecEngineTests",
      dependencies: [
        "AuxvLoader", "ELF", "ExecEngine", "ProcessSupport", "SimulatedKernel", "TestSupport", "TimePages",
        "VDSOImages",
        "VDSOResolver",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "VirtualTimeTests", dependencies: ["SimulatedKernel", "TestSupport", "VirtualTime"], swiftSettings: strict),
    .testTarget(
      name: "TimeCallsTests",
      dependencies: ["ExecEngine", "SimulatedKernel", "TestSupport", "TimeCalls", "VirtualTime"],
      swiftSettings: strict),
    .testTarget(
      name: "ProcessAttachmentTests", dependencies: ["ELF", "MappedELF", "ProcessAttachment"], swiftSettings: strict),
    .testTarget(
      name: "LauncherTests",
      dependencies: [
        "Launcher", "demo-loader-cli",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["Commands"])),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DemoLoaderTests",
      dependencies: [
        "TestSupport", "demo-loader", "demo-loader-cli", "load-runner", "odd-programs", "peer-report",
        "table-chart",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TrustTests", dependencies: ["TestSupport", "demo-loader", "demo-loader-cli"], swiftSettings: strict),
    .executableTarget(
      name: "odd-programs", dependencies: ["CLinux", "TestSupport"], path: "Tests/odd-programs", swiftSettings: strict),
    .executableTarget(
      name: "load-runner", dependencies: ["CLinux", "ProgramLoader"], path: "Tests/load-runner", swiftSettings: strict),
    .target(name: "TestSupport", dependencies: ["ELF"], path: "Tests/TestSupport", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// The package manager builds the tools of plugins even for packages that use no target with a plugin, and these tools need libelf. If this
// variable is set, the package has only the calls of the vDSO, which need neither.
if Context.environment["SWIFT_VDSO_CALLS_ONLY"] != nil {
  package.products.removeAll { $0.name != "VDSOCalls" }
  package.targets.removeAll { !["CSystemCalls", "CVDSO", "LinuxTypes", "MappedELF", "VDSOCalls"].contains($0.name) }
  package.dependencies = []
}
