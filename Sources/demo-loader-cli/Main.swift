import ArgumentParser
import Glibc
import Launcher

/// The command line of demo-loader, whole: help, completions, errors, and every subcommand.
@main
struct DemoLoader: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-loader",
    abstract: "Run a program on a vDSO page made in user space, and see what pages are made of.",
    usage: """
      demo-loader [<options of run>] <program> [<arguments> ...]
      demo-loader <subcommand>
      """,
    discussion: """
      Examples:
        demo-loader date                          on our page, by the host's clock
        demo-loader --clock-source tsc -v ./prog  by the cycle counter; say how
        demo-loader --time +3d date               three days ahead
        demo-loader time 4711 +5d                 change a running program's time
        demo-loader --vdso none ./prog            without a vDSO
        demo-loader auxv                          show an auxiliary vector
        demo-loader symbols --json                list a vDSO's functions
        demo-loader resolve                       where each call goes, and why
        demo-loader lint --pid 1                  check a vDSO for its consumers
        demo-loader image --arch i386 --output page.so
        demo-loader ps                            which vDSO each process uses
        demo-loader doctor                        why the clock is fast or slow

      Options of demo-loader come before PROG; everything after PROG is the program's. A program that is named like a \
      subcommand is run by its path, or after "run --".
      """,
    version: "0.1.0",
    subcommands: [
      Run.self, Auxv.self, Symbols.self, Resolve.self, Lint.self, Image.self, Bench.self, Doctor.self, Ps.self,
      Time.self,
    ],
    defaultSubcommand: Run.self)

  static func main() {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      try OutputFile.flush()
    } catch {
      end(error)
    }
  }

  /// What follows the command's own name. The vector is the C library's, and lives as long as the process.
  private static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { return nil }
      return unsafe ByteArgument.escaped(UnsafeRawBufferPointer(start: argument, count: strlen(argument)).map { $0 })
    }
  }

  /// Says what is wrong, and ends with the status of it: for wrong words the one of all that demo-loader fails at by itself.
  private static func end(_ error: any Error) -> Never {
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    let message = ByteArgument.visible(fullMessage(for: error))
    if !message.isEmpty { StandardError.print(message) }
    exit(withError: ExitCode(StartError.ownFailure))
  }
}
