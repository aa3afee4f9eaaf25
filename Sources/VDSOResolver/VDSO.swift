public import AuxvLoader
internal import CLinux
internal import ELF
public import Synchronization

/// The calls that a vDSO may serve, each going to its function or to the kernel: resolved once, then one indirect call.
///
/// Calls are async-signal-safe and allocation-free, and may be made from any thread at once. The image must stay
/// mapped while this value lives. Nothing is reported as an error that a system call can answer: `resolution(of:)` says
/// which way each call goes and why.
public struct VDSO: ~Copyable, Sendable {
  /// Makes a system call: number, then six arguments; returns the kernel's result, a negated error number on failure.
  public typealias Trap = @convention(c) @Sendable (Int, Int, Int, Int, Int, Int, Int) -> Int

  /// The kernel of this process: makes the system call.
  public static var kernel: Trap { { linux_syscall($0, $1, $2, $3, $4, $5, $6) } }

  /// The image, or why there is none.
  public let image: Result<VDSOImage, TrapReason>
  @usableFromInline let trap: Trap
  /// For each function: 0 before it is resolved, 1 for the trap, else the function's address.
  @usableFromInline let targets: InlineArray<14, Atomic<UInt>>
  /// For each function: 0, or the self-check's verdict.
  let verdicts: InlineArray<14, Atomic<UInt8>>

  /// The calls of an image that is mapped in this process, or that trap for the reason given.
  ///
  /// A test may hand in an image of its own, and a trap that counts or answers itself. Functions are resolved at their
  /// first call, unless `eagerly`.
  public init(
    image: Result<VDSOImage, TrapReason>, eagerly: Bool = true, trap: @escaping Trap = VDSO.kernel
  ) {
    self.image = image.flatMap { $0.isNative ? .success($0) : .failure($0.foreign) }
    self.trap = trap
    targets = InlineArray { _ in Atomic(0) }
    verdicts = InlineArray { _ in Atomic(0) }
    guard eagerly else { return }
    for function in VDSOFunction.allCases { _ = resolve(function) }
  }

  /// The calls of the image that an auxiliary vector of this process names.
  public init(_ vector: AuxiliaryVector, eagerly: Bool = true) {
    self.init(image: Result { () throws(TrapReason) in try VDSOImage(vector) }, eagerly: eagerly)
  }

  /// The calls of the image that the kernel gave this process.
  public static func ofThisProcess(eagerly: Bool = true) -> VDSO {
    VDSO(image: Result { () throws(TrapReason) in try VDSOImage.ofThisProcess() }, eagerly: eagerly)
  }

  /// Which way a call goes, and why.
  public func resolution(of function: VDSOFunction) -> Resolution {
    if let lie = TrapReason.Lie(rawValue: verdicts[Int(function.rawValue)].load(ordering: .acquiring)) {
      return .trap(.lied(lie))
    }
    switch image {
    case .success(let image): return image.resolve(function)
    case .failure(let reason): return .trap(reason)
    }
  }

  /// Stores where the function goes, unless another thread was first; returns what is stored.
  @usableFromInline
  func resolve(_ function: VDSOFunction) -> UInt {
    var target: UInt = 1
    if case .vdso(let address) = resolution(of: function) { target = UInt(truncatingIfNeeded: address) }
    let (stored, original) = targets[Int(function.rawValue)].compareExchange(
      expected: 0, desired: target, ordering: .acquiringAndReleasing)
    return stored ? target : original
  }

  /// Sends all later calls of the function to the kernel.
  func demote(_ function: VDSOFunction, _ lie: TrapReason.Lie) {
    verdicts[Int(function.rawValue)].store(lie.rawValue, ordering: .releasing)
    targets[Int(function.rawValue)].store(1, ordering: .releasing)
  }
}

extension VDSOImage {
  /// Whether this program can call the image's functions.
  public var isNative: Bool {
    #if arch(x86_64)
      object.header.machine == .x86_64 && object.header.elfClass == .bits64
    #elseif arch(arm64)
      object.header.machine == .aarch64 && object.header.byteOrder == .native
    #else
      false
    #endif
  }

  fileprivate var foreign: TrapReason { .wrongArchitecture(object.header.machine, object.header.elfClass) }
}
