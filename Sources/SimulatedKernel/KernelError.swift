// SPDX-License-Identifier: Apache-2.0

public import VDSOImageRules
public import VDSOImages

/// Why the simulated kernel can't do what was requested.
public enum KernelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no image for the architecture in that flavor.
  case noImage(VDSOImages.Architecture, VDSOImages.Flavor)
  /// The image breaks a rule of code pages.
  case unusableImage(ImageViolation)
  /// `initialize` has not been called, or failed.
  case notInitialized

  public var description: String {
    switch self {
    case .noImage(let architecture, let flavor):
      "there is no \(architecture.rawValue) image in the flavor \(flavor.rawValue): choose another architecture or flavor"
    case .unusableImage(let violation): "the image \(violation): build it again"
    case .notInitialized: "the kernel is not initialized: call initialize first"
    }
  }
}
