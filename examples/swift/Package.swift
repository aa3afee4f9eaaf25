// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
  name: "clock-report",
  dependencies: [.package(name: "swift-vdso", path: "../..")],
  targets: [
    .executableTarget(
      name: "clock-report", dependencies: [.product(name: "VDSOResolver", package: "swift-vdso")])
  ]
)
