/// A function that a vDSO may serve in place of a system call.
public enum VDSOFunction: UInt8, CaseIterable, Hashable, Sendable {
  case clockGettime
  case clockGettime64
  case gettimeofday
  case time
  case clockGetres
  case clockGetres64
  case getcpu
  case getrandom
  case getpid
  case getppid
  case getuid
  case geteuid
  case getgid
  case getegid

  /// The name of the system call.
  public var name: String {
    String(decoding: Array("\(vdsoName)".utf8.dropFirst(7)), as: UTF8.self)
  }

  /// The function that stands in for the system call of this name, or nil.
  public init?(name: String) {
    guard let function = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = function
  }

  /// Its place in a set of functions.
  var bit: UInt16 { 1 << UInt16(rawValue) }

  /// Whether it answers with what belongs to the process: no Linux kernel serves these, this project's pages do.
  public var isIdentity: Bool { rawValue >= Self.getpid.rawValue }
}

/// What the names of an architecture's functions begin with.
public enum VDSOPrefix: Hashable, Sendable {
  /// `__vdso_`
  case vdso
  /// `__kernel_`
  case kernel
}

extension VDSOFunction {
  /// The symbol that stands for the function on architectures with the given prefix.
  public func symbolName(_ prefix: VDSOPrefix) -> StaticString {
    prefix == .vdso ? vdsoName : kernelName
  }

  private var vdsoName: StaticString {
    switch self {
    case .clockGettime: "__vdso_clock_gettime"
    case .clockGettime64: "__vdso_clock_gettime64"
    case .gettimeofday: "__vdso_gettimeofday"
    case .time: "__vdso_time"
    case .clockGetres: "__vdso_clock_getres"
    case .clockGetres64: "__vdso_clock_getres_time64"
    case .getcpu: "__vdso_getcpu"
    case .getrandom: "__vdso_getrandom"
    case .getpid: "__vdso_getpid"
    case .getppid: "__vdso_getppid"
    case .getuid: "__vdso_getuid"
    case .geteuid: "__vdso_geteuid"
    case .getgid: "__vdso_getgid"
    case .getegid: "__vdso_getegid"
    }
  }

  private var kernelName: StaticString {
    switch self {
    case .clockGettime: "__kernel_clock_gettime"
    case .clockGettime64: "__kernel_clock_gettime64"
    case .gettimeofday: "__kernel_gettimeofday"
    case .time: "__kernel_time"
    case .clockGetres: "__kernel_clock_getres"
    case .clockGetres64: "__kernel_clock_getres_time64"
    case .getcpu: "__kernel_getcpu"
    case .getrandom: "__kernel_getrandom"
    case .getpid: "__kernel_getpid"
    case .getppid: "__kernel_getppid"
    case .getuid: "__kernel_getuid"
    case .geteuid: "__kernel_geteuid"
    case .getgid: "__kernel_getgid"
    case .getegid: "__kernel_getegid"
    }
  }
}
