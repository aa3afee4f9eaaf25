// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

extension AttachTests {
  @Test("attaching and detaching don't end the waits of a running program")
  func waits() throws {
    for (option, kind) in [("--no-follow", Self.glibc), ("--follow", Self.glibc), ("--follow", Self.wideI386)] {
      let program = try AttachedProgram(kind, "programs/waiting.c", threads: 0)
      for _ in 0..<2 {
        for words in [["attach", "\(program.pid)", "--time", "+2d", option], ["detach", "\(program.pid)"]] {
          let result = try Command.run([Self.loader] + words)
          #expect(result.status == 0, "\(result.output)")
          #expect(try program.answer() == "0 failures")
        }
      }
      #expect(try program.finish() == "0 failures\n")
    }
  }

  @Test("a program that SIGSTOP has stopped is attached and detached, and stays stopped")
  func stopped() throws {
    let program = try AttachedProgram(Self.glibc, threads: 4, mayBeInterrupted: true)
    func waitUntilStopped() throws {
      while try !String(contentsOfFile: "/proc/\(program.pid)/stat", encoding: .utf8).contains(") T ") { usleep(2000) }
    }
    for (words, hours) in [
      (["attach", "\(program.pid)", "--time", "+2d"], "48 48 48"), (["detach", "\(program.pid)"], "0 0 0"),
    ] {
      kill(program.pid, SIGSTOP)
      try waitUntilStopped()
      let result = try Command.run([Self.loader] + words)
      #expect(result.status == 0, "\(result.output)")
      try waitUntilStopped()
      kill(program.pid, SIGCONT)
      #expect(try program.hoursAhead() == hours)
    }
    #expect(try program.finish() == "0 failures\n")
  }

  @Test("attach refuses a program that dispatches its system calls itself, which goes on")
  func dispatch() throws {
    let directory = try TemporaryDirectory()
    let source = """
      #include <stdio.h>
      #include <sys/prctl.h>
      #include <time.h>
      static volatile char selector;
      int main(void) {
        struct timespec now, end;
        // PR_SET_SYSCALL_USER_DISPATCH and PR_SYS_DISPATCH_ON. Until the selector is 0 again, a system call raises SIGSYS.
        int error = prctl(59, 1, 0, 0, &selector);
        puts("dispatches");
        fflush(stdout);
        selector = 1;
        clock_gettime(CLOCK_MONOTONIC, &end);
        do clock_gettime(CLOCK_MONOTONIC, &now);
        while (now.tv_sec < end.tv_sec + 3);
        selector = 0;
        return puts("goes on") < 0 || error;
      }
      """
    let program = try AnsweringProgram([try directory.compile(source, named: "dispatch", with: ["gcc"])])
    #expect(program.line() == "dispatches")
    #expect(try Self.refusal(program.pid).contains("PR_SET_SYSCALL_USER_DISPATCH"))
    #expect(try program.finish() == "goes on\n")
  }

  @Test("attach refuses threads, zombies and tracees of another process, and leaves them as they are")
  func otherRefusals() throws {
    let program = try AttachedProgram(Self.glibc, threads: 2)
    let vdso = try program.vdso
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.pid)/task").compactMap {
      Int32($0)
    }
    let thread = try #require(threads.max())
    #expect(try Self.refusal(thread).contains("is a thread of process \(program.pid)"))
    // Its child ends at once, and is never waited for.
    let zombie = try RunningScript(
      "import os,time; p = os.fork() or os._exit(0); os.waitid(os.P_PID, p, os.WEXITED | os.WNOWAIT); print(p, flush=True); input()"
    )
    #expect(try Self.refusal(#require(Int32(zombie.line))).contains("has ended already"))
    // 0x4206 is PTRACE_SEIZE.
    let tracer = try RunningScript(
      "import ctypes; print(ctypes.CDLL(None).ptrace(0x4206, \(program.pid), 0, 0), flush=True); input()")
    #expect(tracer.line == "0")
    #expect(try Self.refusal(program.pid).contains("is traced by process \(tracer.pid) (python3"))
    tracer.finish()
    #expect(try program.vdso == vdso)
    #expect(try program.hoursAhead() == "0 0 0")
    #expect(try program.finish() == "0 failures\n")
  }

  @Test(
    "a process whose limits are too low, or whose first thread has ended, is refused with the reason",
    arguments: [
      ("resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))", "prlimit --nofile --pid"),
      ("resource.setrlimit(resource.RLIMIT_AS, (1 << 20, 1 << 20))", "prlimit --as --data --pid"),
      ("threading.Thread(target=ended).start()", "the first thread of process"),
    ])
  func limits(change: String, reason: String) throws {
    // The thread prints the line once the first thread has ended: libc's exit would end the whole process.
    let script = try RunningScript(
      """
      import ctypes, os, resource, sys, threading, time
      libc = ctypes.CDLL(None)
      def ended():
        while open(f"/proc/{os.getpid()}/stat").read().rsplit(")")[1].split()[0] != "Z":
          time.sleep(0.01)
        print(0, flush=True)
        time.sleep(1000)
      \(change)
      if threading.active_count() > 1:
        libc.syscall(60, 0)
      print(0, flush=True)
      sys.stdin.readline()
      """)
    #expect(script.line == "0")
    let refusal = try Self.refusal(script.pid)
    #expect(refusal.contains(reason), "\(refusal)")
  }

  /// A Python program that has printed a line, and waits for its input to end.
  private final class RunningScript {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    let line: String
    var pid: Int32 { process.processIdentifier }

    init(_ code: String) throws {
      process.executableURL = URL(filePath: "/usr/bin/python3")
      process.arguments = ["-c", code]
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func finish() {
      if process.isRunning { kill(pid, SIGKILL) }
      process.waitUntilExit()
      try? input.fileHandleForWriting.close()
      try? output.fileHandleForReading.close()
    }

    deinit { finish() }
  }
}
