// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Runs with Docker's default capabilities and seccomp profile, which `programs/container.c` imitates.
@Suite("Programs in containers", .enabled(if: getuid() == 0))
struct ContainerTests {
  fileprivate static let loader = ProgramTests.loader

  /// Runs a command as the first program of a container.
  func run(_ command: [String]) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let container = try Fixtures.compile("programs/container.c", with: ["gcc"], in: directory)
    return try Command.run([container] + command)
  }

  @Test("follows programs although the container forbids pidfd_getfd")
  func following() throws {
    let script = "date +%Y; env date +%Y; sh -c 'date +%Y'"
    for option in Array(repeating: ["--follow", "--strict"], count: Tally.rounds(20)).joined() {
      let result = try run([Self.loader, "--time", "@2038-01-01", option, "sh", "-c", script])
      #expect(result.status == 0 && result.output == "2038\n2038\n2038\n", "\(option): \(result.output)")
      Tally.containers.report(1, option)
    }
  }
}

extension ContainerTests {
  /// Programs that change their user, as a container's entry point does.
  static let changes = [
    ["setpriv", "--reuid=1001", "--clear-groups"], ["setpriv", "--reuid=1001", "--regid=1001", "--clear-groups"],
    [
      "python3", "-c",
      """
      import os, sys, threading, time
      threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
      os.setgid(1001); os.setuid(1001)
      os.execvp(sys.argv[1], sys.argv[1:])
      """,
    ],
  ]

  @Test("follows programs after a change of user, by threads too", arguments: changes)
  func changeOfUser(change: [String]) throws {
    let script = "date +%Y; env date +%Y; sh -c 'id -u; date +%Y'"
    for options in [["--time", "@2038-01-01"], ["--time", "@2038-01-01", "--strict"]] {
      let result = try run([Self.loader] + options + change + ["sh", "-c", script])
      #expect(result.status == 0 && result.output == "2038\n2038\n1001\n2038\n", "\(options): \(result.output)")
      Tally.containers.report(1, "change of user, \(change[0])")
    }
  }

  @Test("follows programs without any capability, as an ordinary user with no new privileges")
  func restricted() throws {
    let user = [
      "setpriv", "--reuid=1001", "--regid=1001", "--clear-groups", "--no-new-privs", "--inh-caps=-all",
      "--bounding-set=-all",
    ]
    let result = try run(user + [Self.loader, "--time", "@2038-01-01", "sh", "-c", "date +%Y; env date +%Y"])
    #expect(result.status == 0 && result.output == "2038\n2038\n", "\(result.output)")
  }

  @Test("leaves a program that changes its user and executes others without exec, with a message")
  func leftBehind() throws {
    let program = "import os; os.setuid(1001); os.fork() or os.execvp('date', ['date', '+%Y']); os.wait()"
    let result = try run([Self.loader, "--time", "@2038-01-01", "python3", "-c", program])
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.last != "2038", "\(result.output)")
    #expect(lines.first?.contains("--cap-add SYS_PTRACE") == true, "\(result.output)")
  }
}

/// The children that a waiting program finds, and the processes that are left if the first process doesn't reap orphans.
@Suite("Supervisors and the program's children")
struct ChildrenTests {
  private static let loader = ProgramTests.loader
  /// A plain start, and sessions whose supervisor lives as long as they do.
  static let options = [
    [], ["--no-follow"], ["--time", "+1d"], ["--no-follow", "--time", "+1d"], ["--clock-source", "tsc"],
  ]

  /// Runs a command as the first process of a PID namespace, for an ordinary user in a user namespace.
  private func runAsFirstProcess(_ command: [String]) throws -> Command.Result {
    let user = getuid() == 0 ? [] : ["--map-root-user"]
    return try Command.run(["unshare"] + user + ["--pid", "--fork", "--kill-child", "--mount-proc"] + command)
  }

  @Test(
    "hides the supervisor from the program's children, also in the first process and in one that adopts orphans",
    arguments: ProgramTests.engines, options)
  func children(engine: String, options: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile("programs/children.c", with: ["gcc"], in: directory)
    // Engine load follows no program, and would print a message about it.
    let start = [Self.loader, "--engine", engine] + options + (engine == "load" ? ["--no-follow"] : []) + [program]
    let expected = try runAsFirstProcess([program])
    #expect(expected.output == "3 children, no stray signal\n", "\(expected.output)")
    let first = try runAsFirstProcess(start)
    #expect(first.status == expected.status && first.output == expected.output, "\(first.status) \(first.output)")
    for moment in ["before", "itself"] {
      let adopter = try Command.run([program, moment] + start + (moment == "itself" ? ["adopt"] : []))
      #expect(adopter.output == expected.output, "\(moment): \(adopter.output)")
    }
  }

  /// Starts `true` three times under a first process that doesn't reap orphans, and counts the supervisors that are left.
  private static let neglectful = """
    import os, subprocess, sys, time
    for i in range(3): subprocess.run(sys.argv[1:])
    def left():
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try: stat = open(f"/proc/{pid}/stat").read()
            except OSError: continue
            if "(vdso-" in stat: found.append(stat[stat.rindex(")") + 2])
        return found
    while set(left()) - {"Z"}: time.sleep(0.01)
    print(len(left()))
    """

  @Test("leaves no zombie of a plain start, and one of a session if the first process doesn't reap")
  func zombies() throws {
    for (options, count) in [
      (["--no-follow"], 0), (["--no-follow", "--vdso", "none"], 0), (["--engine", "load"], 0), (["--time", "+1d"], 3),
      (["--engine", "load", "--time", "+1d", "--no-follow"], 3),
    ] {
      let result = try runAsFirstProcess(["python3", "-c", Self.neglectful, Self.loader] + options + ["true"])
      #expect(result.output == "\(count)\n", "\(options): \(result.output)")
    }
  }

  @Test("keeps the supervisor alive when a signal is sent to all processes")
  func signals() throws {
    // The signals are blocked that a process can block.
    let script = """
      for signal in 1 2 3 4 5 6 7 8 10 11 12 13 14 15 16 20 21 22 24 25 26 27 28 29 30 31 34 64; do
        trap : $signal; kill -$signal -1
      done
      env date +%Y; ps -eo comm | grep -c '^vdso-'
      """
    for (options, count) in [(["--follow"], 2), (["--engine", "load", "--no-follow"], 1)] {
      let start = [Self.loader, "--time", "@2038-01-01"] + options
      let result = try runAsFirstProcess(start + ["sh", "-c", script])
      let year = options == ["--follow"] ? "2038" : "\(Calendar(identifier: .gregorian).component(.year, from: Date()))"
      #expect(result.output == "\(year)\n\(count)\n", "\(options): \(result.output)")
    }
  }
}

/// Messages about programs go to the standard error that demo-loader was started with.
@Suite("The session's standard error")
struct SessionOutputTests {
  private static let loader = ProgramTests.loader

  private func shell(_ script: String) throws -> Command.Result {
    try Command.run(["bash", "-c", script, "bash", Self.loader])
  }

  @Test(
    "holds no copy of standard error open, so that its reader sees the end",
    arguments: ["", "-v", "--follow", "--follow -v"])
  func reader(options: String) throws {
    // The reader gets everything while a program of the session still runs.
    let result = try shell(
      """
      output=$("$1" \(options) --time @2038-01-01 sh -c 'sleep 60 </dev/null >/dev/null 2>&1 & echo $!' 2>&1)
      kill -KILL "$(grep -Ex '[0-9]+' <<<"$output")" && echo at once
      """)
    #expect(result.output == "at once\n", "\(result.output)")
  }

  @Test("prints messages for programs whose own standard error is elsewhere, without overwriting lines in a file")
  func redirected() throws {
    let directory = try TemporaryDirectory()
    let result = try shell(
      """
      cd \(directory.path); "$1" -v --follow sh -c 'echo one >&2; strace -f -o /dev/null /bin/true 2>/dev/null; echo two >&2' 2>file
      cat file
      """)
    let lines = result.output.split(separator: "\n").map(String.init)
    let places = [": our page at", "one", "stays on the kernel's page", "two"].map { text in
      lines.firstIndex { $0.contains(text) }
    }
    #expect(places.allSatisfy { $0 != nil }, "\(result.output)")
    #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted(), "\(result.output)")
  }

  @Test("prints messages to a socket, a terminal or another user's pipe, and survives a closed standard error")
  func kinds() throws {
    let start = "\(Self.loader) -v --follow sh -c true"
    let socket = """
      import socket, subprocess, sys
      ours, theirs = socket.socketpair()
      subprocess.run(sys.argv[1:], stderr=theirs)
      theirs.close()
      while data := ours.recv(4096): sys.stdout.buffer.write(data)
      """
    var commands = [["python3", "-c", socket, Self.loader, "-v", "--follow", "sh", "-c", "true"]]
    commands.append(["script", "-qec", start, "/dev/null"])
    if getuid() == 0 {
      commands.append(["sh", "-c", "setpriv --reuid=65534 --clear-groups \(start) 2>&1 | cat"])
    }
    for command in commands {
      let result = try Command.run(command)
      #expect(result.output.contains("demo-loader: our page at"), "\(command): \(result.output)")
    }
    #expect(try Command.run(["sh", "-c", "\(start) 2>&- && echo done"]).output == "done\n")
  }
}
