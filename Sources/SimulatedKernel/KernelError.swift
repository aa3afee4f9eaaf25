// SPDX-License-Identifier: Apache-2.0

import CVDSO
public import VDSOImageRules
public import VDSOImages

/// Why the simulated kernel can't do what was requested.
@nonexhaustive
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

/// The kernel's own view of its vDSO. The corresponding C type is `vdso_state_t`.
public struct KernelState: Sendable {
  /// The code page, Mach header included, as it is before a task's host entry points are written; nil before `bootstrap`.
  public let page: CodePage?
  /// Whether `initialize` has succeeded.
  public let isInitialized: Bool

  /// The size of the code page in bytes.
  public var byteCount: Int { Int(VDSO_PAGE_SIZE) }
}
