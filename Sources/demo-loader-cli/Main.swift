// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Launcher

/// The complete command line of demo-loader: help, completions, errors, and every subcommand.
@main
struct DemoLoader: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-loader",
    abstract: "Run programs on a vDSO page of our own, at any date, and inspect vDSOs.",
    usage: """
      demo-loader [<options of run>] <program> [<arguments> ...]
      demo-loader <subcommand>
      """,
    discussion: """
      Examples:
        demo-loader date                          run date on our page
        demo-loader --clock-source tsc -v ./prog  read the cycle counter
        demo-loader --time +3d date               show date a time three days ahead
        demo-loader time 4711 +5d                 change a running program's time
        demo-loader attach 4711 --time +3d        show a program that runs already another time
        demo-loader --vdso none ./prog            run a program without a vDSO
        demo-loader auxv                          show an auxiliary vector
        demo-loader symbols --json                list the functions of a vDSO
        demo-loader resolve                       show where each call goes, and why
        demo-loader lint --pid 1                  check a vDSO for its consumers
        demo-loader image --arch i386 --output page.so
        demo-loader ps                            show which vDSO each process uses
        demo-loader doctor                        explain why the clock is slow

      "demo-loader run --help" lists the options for running a program. They come before PROG; everything after PROG is \
      passed to the program. To run a program that has the name of a subcommand, give its path, or put "run --" before it.
      """,
    version: version,
    subcommands: Subcommand.allCases.compactMap { $0.command },
    defaultSubcommand: Run.self)

  static func main() {
    let arguments = arguments
    guard !arguments.isEmpty else {
      StandardError.print(
        "demo-loader: name a program to run, as in \"demo-loader date\"; \"demo-loader --help\" lists the other commands"
      )
      exit(withError: ExitCode(StartError.ownFailure))
    }
    do {
      var command = try parse(arguments)
      try command.run()
      try OutputFile.flush()
    } catch {
      end(error)
    }
  }

  /// Of a command line without a program that has a wrong option too, the option is what is wrong.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    do {
      return try parseAsRoot(arguments)
    } catch let error where message(for: error).contains("Missing expected argument '<program>'") {
      _ = try parseAsRoot(arguments + ["true"])
      throw error
    }
  }

  /// What follows the command's own name. The vector is the C library's, and lives as long as the process.
  private static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { return nil }
      return unsafe ByteArgument.escaped(UnsafeRawBufferPointer(start: argument, count: strlen(argument)).map { $0 })
    }
  }

  /// Prints what is wrong and exits; the status for wrong options is that of every failure of demo-loader itself.
  private static func end(_ error: any Error) -> Never {
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    let message = ByteArgument.visible(fullMessage(for: error))
    if !message.isEmpty { StandardError.print(message) }
    exit(withError: ExitCode(StartError.ownFailure))
  }
}

extension Subcommand {
  /// What does it; nil for `help`, which the parser has itself.
  fileprivate var command: (any ParsableCommand.Type)? {
    switch self {
    case .run: Run.self
    case .auxv: Auxv.self
    case .symbols: Symbols.self
    case .resolve: Resolve.self
    case .lint: Lint.self
    case .image: Image.self
    case .bench: Bench.self
    case .doctor: Doctor.self
    case .ps: Ps.self
    case .time: Time.self
    case .attach: Attach.self
    case .detach: Detach.self
    case .help: nil
    }
  }
}
