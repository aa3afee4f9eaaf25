// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ELF
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
        demo-loader attach 4711 --time +3d        give a running program another time
        demo-loader --vdso none ./prog            run a program without a vDSO
        demo-loader auxv                          show an auxiliary vector
        demo-loader symbols --json                list the functions of a vDSO
        demo-loader resolve                       show where each call goes, and why
        demo-loader lint --pid 1                  check a vDSO for its consumers
        demo-loader image --arch i386 --output page.so
        demo-loader ps                            show which vDSO each process uses
        demo-loader doctor                        explain why the clock is slow

      The options of run come before the program's name; everything after it is passed to the program. To run a program that has the name of a subcommand, give its path, or put "run --" before it.
      """,
    version: "demo-loader \(version)",
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
    if let error = unknownTopic(arguments) {
      StandardError.print("demo-loader: \(error)")
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

  /// The error of `help TOPIC` if there is no such subcommand.
  private static func unknownTopic(_ arguments: [String]) -> String? {
    guard arguments.count > 1, arguments[0] == Subcommand.help.rawValue, !arguments[1].hasPrefix("-"),
      Subcommand(rawValue: arguments[1]) == nil
    else { return nil }
    let topic = ByteArgument.visible(arguments[1]).escapingControls
    let meant = Subcommand.like(topic).map { "was \"demo-loader help \($0)\" meant?" }
    return "help: there is no command \(topic): \(meant ?? "\"demo-loader --help\" lists the commands")"
  }

  /// If a command line has a wrong option and no program, the wrong option is reported. An option with an equals sign and no value would
  /// take the program for its value.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    do {
      return try parseAsRoot(arguments)
    } catch let error where message(for: error).contains("Missing expected argument '<program>'") {
      if let option = arguments.prefix(while: { $0 != "--" }).first(where: { $0.hasPrefix("--") && $0.hasSuffix("=") })
      {
        throw ValidationError("The option \(option) has no value: write one after the equals sign.")
      }
      _ = try parseAsRoot(arguments + ["true"])
      throw error
    }
  }

  /// The arguments after the command's own name. The vector is the C library's, and lives as long as the process.
  private static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { return nil }
      return unsafe ByteArgument.escaped(UnsafeRawBufferPointer(start: argument, count: strlen(argument)).map { $0 })
    }
  }

  /// Prints an error and exits. The exit status for wrong options is that of every failure of demo-loader itself.
  private static func end(_ error: any Error) -> Never {
    let message = ByteArgument.visible(fullMessage(for: error))
    switch exitCode(for: error) {
    case .success:
      if !message.isEmpty { print(message == helpMessage() ? helpWithOptionsOfRun : message) }
      do { try OutputFile.flush() } catch { exit(withError: error) }
      exit(withError: nil)
    case .validationFailure:
      if !message.isEmpty { StandardError.print(message) }
      exit(withError: ExitCode(StartError.ownFailure))
    default: exit(withError: error)
    }
  }

  /// The help with the options of run before the list of commands, because most users need them.
  private static var helpWithOptionsOfRun: String {
    helpMessage().replacing("SUBCOMMANDS:", with: RunOption.list + "\n\nSUBCOMMANDS:", maxReplacements: 1)
  }
}

extension Subcommand {
  /// The command's type; nil for `help`, which the parser handles itself.
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
