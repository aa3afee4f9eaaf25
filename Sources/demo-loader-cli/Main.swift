import ArgumentParser

/// The command line of demo-loader, whole: help, completions, errors, and every subcommand.
@main
struct DemoLoader: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-loader",
    abstract: "Run a program on a vDSO page made in user space, and see what pages are made of.",
    discussion: """
      Examples:
        demo-loader date                          run date on our page, the host's clock behind it
        demo-loader --clock-source tsc -v ./prog  run ./prog by the cycle counter, and say how
        demo-loader --time +3d date               run date three days ahead
        demo-loader time 4711 +5d                 change the time of a program that was started so
        demo-loader auxv                          show this process's auxiliary vector
        demo-loader symbols --json                list the functions of this process's vDSO
        demo-loader resolve                       say where each call goes, why, and what it costs
        demo-loader lint --pid 1                  check a vDSO against what its consumers rely on
        demo-loader image --arch i386 --output page.so
        demo-loader ps                            say which vDSO each process uses
        demo-loader doctor                        say why the clock is fast or slow here

      Options of demo-loader come before PROG; everything after PROG is the program's. A program that is named like a
      subcommand is run by its path, or after "run --".
      """,
    version: "0.1.0",
    subcommands: [
      Run.self, Auxv.self, Symbols.self, Resolve.self, Lint.self, Image.self, Bench.self, Doctor.self, Ps.self,
      Time.self,
    ],
    defaultSubcommand: Run.self)
}
