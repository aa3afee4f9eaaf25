public import AuxvLoader

/// Why a program can't be started: a line for people, and the exit status that a shell would give.
public struct StartError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  public var exitStatus: Int32

  public init(_ error: LoadError) {
    description = error.description
    exitStatus = error.exitStatus
  }

  /// Of what goes wrong before there is a program to blame: it can't be executed.
  public init(_ error: some Error & CustomStringConvertible) {
    description = error.description
    exitStatus = 126
  }
}
