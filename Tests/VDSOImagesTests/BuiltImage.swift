// SPDX-License-Identifier: Apache-2.0

import Testing
import VDSOImages

/// An image as the build embeds it, without its page's padding.
struct BuiltImage: Sendable, CustomTestStringConvertible {
  let architecture: VDSOImages.Architecture
  let flavor: VDSOImages.Flavor
  let bytes: [UInt8]

  init(_ architecture: VDSOImages.Architecture, _ flavor: VDSOImages.Flavor = .linux) throws {
    self.architecture = architecture
    self.flavor = flavor
    let size = try #require(VDSOImages.fileSize(for: architecture, flavor: flavor))
    let page = try #require(VDSOImages.page(for: architecture, flavor: flavor))
    bytes = Array(page.prefix(size))
  }

  /// An image that a test has changed.
  init(_ architecture: VDSOImages.Architecture, bytes: [UInt8]) {
    self.architecture = architecture
    flavor = .linux
    self.bytes = bytes
  }

  var testDescription: String { "\(architecture) \(flavor)" }

  /// All five images.
  static var all: [BuiltImage] {
    VDSOImages.Flavor.allCases.flatMap { flavor in
      VDSOImages.Architecture.allCases.compactMap { try? BuiltImage($0, flavor) }
    }
  }
}
