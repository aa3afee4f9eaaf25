import Testing
import VDSOImages

/// An image as the build embeds it, without the padding of its page.
struct BuiltImage: Sendable, CustomTestStringConvertible {
  let architecture: VDSOImages.Architecture
  let flavour: VDSOImages.Flavour
  let bytes: [UInt8]

  init(_ architecture: VDSOImages.Architecture, _ flavour: VDSOImages.Flavour = .linux) throws {
    self.architecture = architecture
    self.flavour = flavour
    let size = try #require(VDSOImages.fileSize(for: architecture, flavour: flavour))
    let page = try #require(VDSOImages.page(for: architecture, flavour: flavour))
    bytes = Array(page.prefix(size))
  }

  /// An image that a test has changed.
  init(_ architecture: VDSOImages.Architecture, bytes: [UInt8]) {
    self.architecture = architecture
    flavour = .linux
    self.bytes = bytes
  }

  var testDescription: String { "\(architecture) \(flavour)" }

  /// All five.
  static var all: [BuiltImage] {
    VDSOImages.Flavour.allCases.flatMap { flavour in
      VDSOImages.Architecture.allCases.compactMap { try? BuiltImage($0, flavour) }
    }
  }
}
