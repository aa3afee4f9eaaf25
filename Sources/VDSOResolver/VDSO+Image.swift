// SPDX-License-Identifier: Apache-2.0

public import AuxvLoader

extension VDSO {
  /// The calls of the image that an auxiliary vector of this process names.
  public init(_ vector: AuxiliaryVector, eagerly: Bool = true) {
    self.init(mappedAt: vector[.vdso] ?? 0, eagerly: eagerly)
  }

  /// The calls of an image of this process, or calls that trap for the given reason.
  public init(image: Result<VDSOImage, TrapReason>, eagerly: Bool = true, trap: @escaping Trap = VDSO.kernel) {
    switch image {
    case .success(let image): self.init(mappedAt: image.address, eagerly: eagerly, trap: trap)
    case .failure(let reason): self.init(trapping: reason, trap: trap)
    }
  }

  /// The whole image, read again, or the reason why there is none.
  public var image: Result<VDSOImage, TrapReason> {
    mapped.flatMap { mapped in Result { () throws(TrapReason) in try VDSOImage(mappedAt: UInt64(mapped.address)) } }
  }
}
