import Glibc
import Launcher

/// The front of the command: starts programs, and hands every other use to demo-loader-cli.
///
/// What parses arguments in general takes longer to start than a short program to run.
@main
struct Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let options = RunOptions(scanning: arguments, subcommands: Launcher.subcommands) {
      Launcher.run(options)
    }
    CommandLineInterface.execute()
  }
}
