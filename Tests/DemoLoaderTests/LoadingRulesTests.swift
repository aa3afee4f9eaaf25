// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// Programs that a loader with stricter rules than the kernel's would refuse or run differently, and addresses that the loader itself
/// occupies.
@Suite("Engine load's rules")
struct LoadingRulesTests {
  private static let loader = ProgramTests.loader

  private func result(_ arguments: String...) throws -> Command.Result { try Command.run(arguments) }

  @Test(
    "gives the program addresses that the loader used: large zeros, fixed addresses in use",
    arguments: [["gcc", "-m32"], ["gcc"]])
  func addressesInUse(compiler: [String]) throws {
    let directory = try TemporaryDirectory()
    let source =
      "static char bytes[200 << 20]; int main(int count, char **arguments) { (void)arguments; return bytes[count << 20]; }"
    let build = compiler + ["-idirafter", "/usr/include/x86_64-linux-gnu", "-no-pie"]
    for linking in [["-static"], []] {
      let program = try directory.compile(source, named: "large", with: build + linking)
      let loaded = try result(Self.loader, "--engine", "load", program)
      #expect(loaded.status == 0, "\(loaded.output)")
    }
    guard compiler == ["gcc"] else { return }
    // The addresses of a position-independent loader, of the launcher, and of a loader's mappings.
    for base in ["0x555555554000", "0x1000000000", "0x7ffff7d00000"] {
      let program = try directory.compile(
        """
        static char zeros[20000];
        void _start(void) {
          long wrong = 0, result;
          for (int i = 0; i < 20000; i++) wrong |= zeros[i]++;
          __asm__ volatile("syscall" : "=a"(result) : "a"(231), "D"(wrong ? 1 : 7) : "rcx", "r11", "memory");
        }
        """, named: "fixed",
        with: ["gcc", "-O1", "-nostdlib", "-static", "-no-pie", "-mcmodel=large", "-Wl,-Ttext-segment=\(base)"])
      for vdso in ["ours", "kernel"] {
        let loaded = try result(Self.loader, "--engine", "load", "--no-aslr", "--vdso", vdso, program)
        #expect(loaded.status == 7, "\(base), \(vdso): \(loaded.output)")
      }
    }
  }

  @Test("loads a program although an outer session has sealed mappings")
  func sealed() throws {
    for outer in ["load", "exec"] {
      let nested = try result(
        Self.loader, "--engine", outer, Self.loader, "--engine", "load", "/bin/echo", "nested")
      #expect(nested.status == 0 && nested.output == "nested\n", "\(nested.output)")
    }
  }

  @Test("loads programs where writable memory may not become executable", arguments: ["gcc", "i386"])
  func writeOrExecute(compiler: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Fixtures.compile(
      "programs/page-check.c", with: compiler == "gcc" ? ["gcc"] : UnusualProgram.i386, in: directory)
    // PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN, Linux 6.3.
    let python =
      "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0 or sys.exit(77); os.execv(sys.argv[1], sys.argv[1:])"
    let loaded = try result("/usr/bin/python3", "-c", python, Self.loader, "--engine", "load", program)
    #expect(loaded.status == 0 || loaded.status == 77, "\(loaded.output)")
  }

  @Test("refuses a program that is open for writing, as execve does")
  func openForWriting() throws {
    let directory = try TemporaryDirectory()
    let program = try directory.compile("int main(void) { return 0; }", named: "busy", with: ["gcc"])
    let command = "exec 3>>\(program); \(Self.loader) --engine load \(program)"
    let busy = try result("sh", "-c", command)
    #expect(busy.status == 126 && busy.output.contains("open for writing"), "\(busy.output)")
    #expect(try result(Self.loader, "--engine", "load", program).status == 0)
    // If a filter listens to execve, the loader finds it out by a lease.
    let nested = try result(Self.loader, "--follow", "sh", "-c", command)
    #expect(nested.status == 126 && nested.output.contains("open for writing"), "\(nested.output)")
  }

  @Test(
    "loads programs under a user-space emulator", .enabled(if: Command.exists("qemu-x86_64"), "no QEMU here"))
  func emulated() throws {
    for engine in [["--engine", "load"], []] {
      let emulated = try Command.run(["qemu-x86_64", Self.loader] + engine + ["sh", "-c", "echo $((6 * 7)); exit 3"])
      #expect(emulated.status == 3 && emulated.output.hasSuffix("42\n"), "\(emulated.output)")
    }
    let later = try Command.run(["qemu-x86_64", Self.loader, "--time", "@2030-06-01T12:00:00Z", "/bin/date", "+%Y"])
    #expect(later.status == 0 && later.output.hasSuffix("\n2030\n"), "\(later.output)")
  }

  @Test(
    "makes /proc/self/exe the program without privileges too, or reports that it isn't", .enabled(if: getuid() == 0))
  func executableLink() throws {
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    let program = ["perl", "-e", "print $^X"]
    let loaded = try Command.run(nobody + [Self.loader, "--engine", "load"] + program)
    #expect(loaded.output == "/usr/bin/perl", "\(loaded.output)")
    // A user whose group has no number in its namespace can't make another namespace.
    let limited = try Command.run(
      ["unshare", "--user", "--map-user=1", Self.loader, "--engine", "load"] + program)
    #expect(limited.output.contains("/proc/self/exe is demo-loader,"), "\(limited.output)")
  }

  @Test(
    "refuses a program on a file system mounted noexec, and says so", .enabled(if: getuid() == 0),
    arguments: ["load", "exec"])
  func noexec(engine: String) throws {
    let directory = try TemporaryDirectory()
    let script =
      "mount -t tmpfs -o noexec none \(directory.path) && cp /bin/true \(directory.path)/true && \(Self.loader) --engine \(engine) \(directory.path)/true"
    let refused = try result("unshare", "--mount", "sh", "-c", script)
    #expect(refused.status == 126 && refused.output.contains("noexec"), "\(refused.output)")
  }
}
