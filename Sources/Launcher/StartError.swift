public import AuxvLoader
public import ExecEngine
public import SimulatedKernel

/// Why a program can't be started: a line for people, and the exit status that a shell would give.
public struct StartError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  public var exitStatus: Int32

  public init(_ error: LoadError) {
    description = error.description
    exitStatus = error.exitStatus
  }

  public init(_ error: KernelError) {
    description = error.description
    exitStatus = 126
  }

  public init(_ error: TaskError) {
    description = error.description
    exitStatus = 126
  }

  public init(_ error: MappingError) {
    description = error.description
    exitStatus = 126
  }
}
