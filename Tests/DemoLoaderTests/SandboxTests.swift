// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Programs of a session under filters of their own")
struct SandboxTests {
  private static let loader = ProgramTests.loader
  private static let session = [loader, "--engine", "exec", "--follow", "--time", "=2001-06-01T00:00:00Z"]
  private static let unprivileged = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
  static let asOrdinaryUser = geteuid() == 0 ? unprivileged : []

  /// Whether this process may suspend filters: it needs CAP_SYS_ADMIN and must be under no filter itself.
  private static var mayBeSuspended: Bool {
    get throws {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
      func value(_ key: String) -> Substring? {
        status.first { $0.hasPrefix("\(key):\t") }?.dropFirst(key.count + 2)
      }
      let capabilities = value("CapEff").flatMap { UInt64($0, radix: 16) } ?? 0
      return capabilities & 1 << 21 != 0 && value("Seccomp") == "0"
    }
  }

  struct Programs {
    let directory: TemporaryDirectory
    let sandbox: String
    let year: String

    init(_ compiler: [String]) throws {
      directory = try TemporaryDirectory()
      sandbox = try Fixtures.compile("programs/sandbox.c", with: ["gcc"], in: directory)
      let source = """
        #include <stdio.h>
        #include <time.h>
        int main(void) { time_t now = time(0); return printf("%d\\n", gmtime(&now)->tm_year + 1900) < 0; }
        """
      year = try directory.compile(source, named: "year", with: compiler)
    }
  }

  /// System calls that the injection of pages makes, and that the programs here don't make.
  private static let calls = [
    "getpid", "memfd_create", "fcntl", "madvise", "prctl", "tgkill", "mseal", "socketpair", "recvmsg", "rt_sigreturn",
  ]

  @Test(
    "gives a program under a filter its page without calls that the filter punishes", arguments: FollowingTests.kinds)
  func single(kind: ProgramKind) throws {
    let programs = try Programs(kind.compiler)
    let isGiven = try Self.mayBeSuspended
    for call in Self.calls {
      for action in call == "tgkill" ? ["kill", "thread", "trap", "errno"] : ["kill"] {
        let command = [programs.sandbox, action, call, "--", programs.year]
        try #require(try Command.run(command).status == 0, "\(command)")
        let result = try Command.run(Self.session + command)
        #expect(result.status == 0, "\(command): \(result)")
        #expect(result.output == "2001\n" || !isGiven && Self.isLeft(result.output), "\(command): \(result.output)")
      }
    }
  }

  @Test(
    "leaves a program on the kernel's page if its filter can't be suspended, with a message",
    arguments: FollowingTests.kinds)
  func unprivileged(kind: ProgramKind) throws {
    let programs = try Programs(kind.compiler)
    for action in ["kill", "trap", "errno"] {
      let command = [programs.sandbox, action, "memfd_create", "--", programs.year]
      let result = try Command.run(Self.asOrdinaryUser + Self.session + command)
      #expect(result.status == 0 && Self.isLeft(result.output), "\(action): \(result)")
    }
  }

  private static func isLeft(_ output: String) -> Bool {
    let lines = output.split(separator: "\n")
    return lines.count == 2
      && lines[0].contains("stays on the kernel's page and sees the host's time: it has a seccomp filter")
      && Int(lines[1]).map { $0 > 2001 } ?? false
  }

  /// An online judge allows the one execve that starts the program.
  static let judged =
    "access arch_prctl brk clock_gettime close execve exit_group fstat getrandom lseek mmap mprotect munmap newfstatat openat "
    + "pread64 prlimit64 read readlink rseq set_robust_list set_tid_address write"

  @Test(
    "gives a program under a list of allowed calls its page", arguments: ["kill", "trap"],
    [["gcc"], ["gcc", "-static"], ["musl-gcc", "-static"]])
  func allowed(action: String, compiler: [String]) throws {
    let programs = try Programs(compiler)
    let allowed = (Self.judged + (compiler[0] == "gcc" ? "" : " ioctl writev")).split(separator: " ").map(String.init)
    let command = [programs.sandbox, action, "only"] + allowed + ["--", programs.year]
    try #require(try Command.run(command).status == 0)
    let result = try Command.run(Self.session + command)
    let isGiven = try Self.mayBeSuspended
    #expect(result.status == 0 && (isGiven ? result.output == "2001\n" : Self.isLeft(result.output)), "\(result)")
  }

  @Test("makes a program wait by the session's clock without a call that its filter punishes")
  func replaced() throws {
    let programs = try Programs(["gcc"])
    let source = """
      #include <signal.h>
      #include <unistd.h>
      static void end(int signal) { _exit(signal == SIGALRM ? 7 : 1); }
      int main(void) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, 0);
        signal(SIGALRM, end);
        alarm(200);
        for (;;) pause();
      }
      """
    let alarm = try programs.directory.compile(source, named: "alarm", with: ["gcc"])
    let isGiven = try Self.mayBeSuspended
    let session = Self.session.dropLast() + ["x100", "--strict", "--clock", "all"]
    // If the filter can't be suspended, the program waits by the host's clock, which would take too long for this test.
    let command = ["timeout", isGiven ? "60" : "2"] + session + [programs.sandbox, "kill", "setitimer", "--", alarm]
    let result = try Command.run(command)
    #expect(result.status == (isGiven ? 7 : 124), "\(result)")
  }
}

@Suite("demo-loader under a filter")
struct SandboxedLauncherTests {
  private static let loader = ProgramTests.loader

  private func run(_ action: String, _ call: String, _ options: [String]) throws -> Command.Result {
    let programs = try SandboxTests.Programs(["gcc", "-static"])
    return try Command.run([programs.sandbox, action, call, "--", Self.loader] + options + [programs.year])
  }

  @Test(
    "starts programs under a filter, and reports each that sees another time than requested",
    arguments: [
      "memfd_create", "madvise", "prctl", "tgkill", "ptrace", "process_vm_writev", "rt_sigreturn",
      "poll", "ppoll", "wait4", "statfs", "capget", "faccessat2", "clock_adjtime", "getdents64",
      "setsid", "getpid", "rt_sigprocmask", "clock_gettime", "capset", "pidfd_open", "pwrite64", "kcmp",
    ],
    ["kill", "trap", "errno"])
  func punished(call: String, action: String) throws {
    let plain = try run(action, call, [])
    #expect(plain.status == 0 && Self.year(plain).map { $0 > 2001 } == true, "\(plain)")
    let moved = try run(action, call, ["--time", "=2001-06-01T00:00:00Z"])
    let isMoved = Self.year(moved) == 2001
    #expect(moved.status == 0 && (isMoved || moved.output.contains("sees the host's time")), "\(moved)")
  }

  @Test(
    "starts programs under a filter that forbids only calls which it doesn't need",
    arguments: ["kill", "trap", "errno"],
    ["exec", "load"])
  func optional(action: String, engine: String) throws {
    let options = ["--engine", engine, "--no-follow", "--time", "=2001-06-01T00:00:00Z"]
    for (call, source) in [("mseal", "host"), ("timerfd_create", "tsc")] {
      let result = try run(action, call, options + ["--clock-source", source])
      #expect(result.status == 0 && result.output == "2001\n", "\(call): \(result)")
    }
  }

  @Test(
    "refuses options that need a call which a filter forbids",
    arguments: [["--engine", "load"], ["--engine", "exec"], ["--strict", "--time", "+1d"]])
  func refused(options: [String]) throws {
    let result = try run("kill", "memfd_create", options)
    #expect(result.status == 125 && result.output.contains("the system call memfd_create"), "\(result)")
  }

  @Test("starts programs where a filter that is older than faccessat2 refuses that call", arguments: ["exec", "load"])
  func older(engine: String) throws {
    let options = ["--engine", engine, "--no-follow", "--time", "=2001-06-01T00:00:00Z"]
    let result = try run("eperm", "faccessat2", options)
    #expect(result.status == 0 && result.output == "2001\n", "\(result)")
  }

  @Test(
    "never keeps a program waiting for supervisors that a filter ends one after the other",
    arguments: [
      ("exit", "errno"), ("getdents64", "kill"), ("readlinkat", "kill"), ("pidfd_send_signal", "errno"),
      // Whenever they answer: SECCOMP_IOCTL_NOTIF_SEND.
      ("ioctl:1=0xc0182101", "kill"),
    ])
  func endless(call: String, action: String) throws {
    let programs = try SandboxTests.Programs(["gcc"])
    let spawner = try programs.directory.compile(Self.spawning, named: "spawner", with: ["gcc"])
    let command = [programs.sandbox, action, call, "--", Self.loader, "--time", "=2001-06-01T00:00:00Z"]
    let result = try Command.run(
      ["timeout", "-k", "5", "60"] + SandboxTests.asOrdinaryUser + command + [spawner, programs.year])
    #expect(result.status != 124, "\(result)")
    #expect(result.output == "2001\n" || result.output.contains("demo-loader: "), "\(result)")
  }

  /// Has another program executed.
  private static let spawning = """
    #include <spawn.h>
    #include <sys/wait.h>
    extern char **environ;
    int main(int count, char **arguments) {
      pid_t child;
      int status = count;
      return posix_spawn(&child, arguments[1], 0, 0, arguments + 1, environ) || waitpid(child, &status, 0) < 0 || status;
    }
    """

  private static func year(_ result: Command.Result) -> Int? {
    result.output.split(separator: "\n").last.flatMap { Int($0) }
  }
}

@Suite("Tracers that a filter notifies of execve")
struct FilterTracerTests {
  private static let loader = ProgramTests.loader

  @Test("refuses or doesn't follow an execve that a filter's tracer could forbid", .enabled(if: geteuid() == 0))
  func policy() throws {
    let directory = try TemporaryDirectory()
    let policy = try Fixtures.compile("programs/policy.c", with: ["gcc"], in: directory)
    func run(_ loader: [String], user: Int) throws -> Command.Result {
      try Command.run(loader + [policy, "\(user)", "/bin/ls", "/bin/sh", "-c", "/bin/ls -d /"])
    }
    #expect(try run([], user: 65534).output.contains("Permission denied"))
    let refused = try run([Self.loader, "--engine", "exec", "--follow"], user: 65534)
    #expect(refused.status == 126 && !refused.output.contains("/\n"), "\(refused)")
    #expect(
      refused.output.contains("may not execute a program") && refused.output.contains("--no-follow"), "\(refused)")
    #expect(
      try run([Self.loader, "--engine", "exec", "--no-follow"], user: 65534).output.contains("Permission denied"))
    // A tracer with the same rights can't forbid anything. A message says that it has not seen the execve.
    let unseen = try run([Self.loader, "--engine", "exec", "--follow"], user: 0)
    #expect(unseen.status == 0 && unseen.output.contains("may not have seen this execve"), "\(unseen)")
  }

  @Test("lets a filter's tracer see each execve without following, and names it if it may miss one")
  func strace() throws {
    let trace = ["strace", "-f", "--seccomp-bpf", "-e", "trace=execve", "/bin/true"]
    let seen = try Command.run([Self.loader, "--engine", "exec", "--no-follow"] + trace)
    #expect(seen.status == 0 && seen.output.contains("execve(\"/bin/true\""), "\(seen)")
    let missed = try Command.run([Self.loader, "--engine", "exec", "--follow"] + trace)
    #expect(
      missed.status == 0 && missed.output.contains("(strace) traces it and may not have seen this execve"), "\(missed)")
  }
}

@Suite("Processes that attach to a program just executed")
struct AttachingTests {
  @Test("detaches before the pipes and sockets of an executed program close", arguments: ["--follow", "--no-follow"])
  func attach(following: String) throws {
    let directory = try TemporaryDirectory()
    let attach = try Fixtures.compile("programs/attach.c", with: ["gcc"], in: directory)
    let result = try Command.run([ProgramTests.loader, "--engine", "exec", following, attach, "100"])
    #expect(result.output == "100\n", "\(result)")
  }
}
