import AuxvLoader
import ExecEngine
import Glibc
import VirtualTime

/// Starting programs on pages of our own.
public enum Launcher {
  /// The words that name a subcommand where a program could stand.
  public static let subcommands = [
    "run", "auxv", "symbols", "resolve", "lint", "image", "bench", "doctor", "ps", "time", "help",
  ]

  /// Replaces this process by the program, or prints why not and exits as a shell would.
  ///
  /// `describe` makes lines for standard error of the auxiliary vector that the program is about to find.
  public static func run(_ options: RunOptions, describe: ((ProgramVector) -> [String])? = nil) -> Never {
    do throws(StartError) {
      try start(Start(options, describe: describe))
    } catch {
      StandardError.print("demo-loader: \(error.description)")
      exit(error.exitStatus)
    }
  }

  private static func start(_ start: Start) throws(StartError) -> Never {
    do throws(StartError) {
      try startOrReturn(start)
    } catch {
      start.control?.close()
      throw error
    }
  }

  private static func startOrReturn(_ start: Start) throws(StartError) -> Never {
    let options = start.options
    try AddressRandomization.set(options.randomizesAddresses)
    guard options.engine != .load else { try load(start, .loading) }
    let obstacle = try execute(start)
    guard options.engine == .auto, !obstacle.isFinal else { throw StartError(obstacle) }
    if options.verbose {
      StandardError.print("demo-loader: engine exec is not possible here: \(obstacle.description)")
    }
    try load(start, .tracing(obstacle))
  }
}
