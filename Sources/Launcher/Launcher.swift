import Glibc
import SimulatedKernel

/// Starting programs on pages of our own.
public enum Launcher {
  /// The words that name a subcommand where a program could stand.
  public static let subcommands: Set<String> = ["run", "auxv", "symbols", "image", "bench", "help"]

  /// Replaces this process by the program, or prints why not and exits as a shell would.
  public static func run(_ options: RunOptions) -> Never {
    exit(126)
  }
}
