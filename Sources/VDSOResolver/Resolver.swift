public import AuxvLoader
import ELF

/// Every call's way: through the vDSO where the image has it, else a trap, with the reason.
///
/// A value, resolved once; it may be used from any thread. Nothing that is wrong with the auxiliary vector or the image is
/// an error of the caller: it resolves to the trap.
public struct Resolver: Sendable {
  /// The image, or why there is none.
  public let image: Result<VDSOImage, TrapError>
  private let resolutions: [VDSOFunction: Resolution]

  /// Resolves all functions in the image that `vector`, this process's own, points at.
  public init(_ vector: AuxiliaryVector) {
    let image = Self.image(vector)
    self.image = image
    resolutions = Dictionary(
      uniqueKeysWithValues: VDSOFunction.allCases.map { function in
        switch image {
        case .success(let image): (function, image.resolve(function))
        case .failure(let error): (function, .trap(error.reason))
        }
      })
  }

  /// Resolves all functions in `image`, whoever mapped it: another one than the kernel's, for a test or a comparison.
  public init(_ image: VDSOImage) {
    self.image = .success(image)
    resolutions = Dictionary(uniqueKeysWithValues: VDSOFunction.allCases.map { ($0, image.resolve($0)) })
  }

  /// Where a call of `function` goes.
  public subscript(function: VDSOFunction) -> Resolution {
    resolutions[function] ?? .trap(.noEntry)
  }

  /// The address of `function` in the vDSO, or 0.
  public func address(of function: VDSOFunction) -> UInt {
    if case .vdso(let address) = self[function] { address } else { 0 }
  }

  private static func image(_ vector: AuxiliaryVector) -> Result<VDSOImage, TrapError> {
    guard let address = vector[.vdso], address != 0 else { return .failure(TrapError(reason: .noEntry)) }
    do throws(ELFError) {
      // SAFETY: what the kernel or a loader gave this process as AT_SYSINFO_EHDR is mapped for good.
      return .success(try unsafe VDSOImage(at: UInt(address)))
    } catch {
      return .failure(TrapError(reason: .brokenImage(error)))
    }
  }
}

/// A reason as an error.
public struct TrapError: Error, Hashable, Sendable {
  public var reason: TrapReason
}
