// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("What a hostile user or program tries", .serialized, .enabled(if: getuid() == 0))
struct SecurityTests {
  private func refusals(in output: String) throws -> Int {
    let line = try #require(output.split(separator: "\n").first { $0.hasSuffix("attacks refused") }, "\(output)")
    return try #require(Int(line.split(separator: " ")[0]))
  }

  private static let served = [
    ["--engine", "exec", "--follow"], ["--engine", "exec", "--clock-source", "tsc"],
    ["--engine", "load", "--clock-source", "tsc"], ["--engine", "load", "--time", "+1d"],
  ]

  @Test("closes timekeeper and supervisor to the program from its first instruction on", arguments: served)
  func neighbors(options: [String]) throws {
    let directory = try TemporaryDirectory()
    let attack = try Setup.compile("neighbors.c", flags: ["-static"], in: directory)
    var refused = 0
    for _ in 0..<(Tally.isLong ? 200 : 10) {
      let result = try Command.run(Setup.unprivileged + [Setup.loader] + options + [attack])
      #expect(result.status == 0, "\(result.output)")
      refused += try refusals(in: result.output)
    }
    Tally.attacks.report(refused, "on timekeeper and supervisor, \(options.joined(separator: " "))")
  }

  @Test("detects attacks on a process that isn't closed, to prove that the test can fail")
  func openNeighbor() throws {
    let directory = try TemporaryDirectory()
    let attack = try Setup.compile("neighbors.c", in: directory)
    let result = try Command.run(
      Setup.unprivileged + ["sh", "-c", "sleep 100 & \(attack) $!; status=$?; kill -KILL $!; exit $status"])
    #expect(result.status == 1 && result.output.split(separator: "\n").count { $0.hasSuffix("works") } >= 4)
  }

  @Test("puts nothing into a page that doesn't belong there", arguments: Setup.engines, ["x86_64", "i386"])
  func leaks(engine: String, architecture: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Setup.compile("leaks.c", architecture, in: directory)
    let image = "\(directory.path)/image"
    let make = [Setup.loader, "image", "--arch", architecture, "--format", "bin", "--output", image]
    #expect(try Command.run(make).status == 0)
    for options in [[], ["--clock-source", "tsc"], ["--time", "+1d"]] {
      let result = try Command.run([Setup.loader, "--engine", engine] + options + [program, image])
      #expect(result.status == 0 && result.output.contains(" bytes looked at"), "\(options): \(result.output)")
    }
    // With the kernel's image in place of ours, the page differs.
    #expect(try Command.run([Setup.loader, "--vdso", "kernel", program, image]).status != 0)
  }

  /// The bits in which the page numbers of several starts differ.
  private func changingBits(_ program: String, prefix: [String], starts: Int) throws -> (page: Int, host: Int) {
    let loop =
      "n=0; while [ $n -lt \(starts) ]; do \((prefix + [program]).joined(separator: " ")) || exit; n=$((n+1)); done"
    let output = try Command.run(["sh", "-c", loop]).output
    let rows = output.split(separator: "\n").map { $0.split(separator: " ").compactMap { UInt64($0, radix: 16) } }
    let isWhole = rows.count == starts && rows.allSatisfy { $0.count == 2 && $0[1] != 0 }
    try #require(isWhole, "\(output)")
    // The start of the range isn't random. Its width in bits counts.
    func bits(_ column: Int) -> Int {
      let pages = rows.map { $0[column] >> 12 }
      return Int(log2(Double(pages.max()! - pages.min()! + 1)).rounded())
    }
    return (bits(0), bits(1))
  }

  @Test(
    "maps pages and host functions at addresses as random as the kernel's vDSO",
    arguments: ["x86_64", "i386"])
  func randomAddresses(architecture: String) throws {
    let directory = try TemporaryDirectory()
    let starts = Tally.isLong ? 2000 : 60
    let program = try Setup.compile("address.c", architecture, flags: ["-static"], in: directory)
    let direct = try Setup.compile("address.c", architecture, flags: ["-static", "-DKERNEL"], in: directory)
    let kernel = try changingBits(direct, prefix: [], starts: starts).page
    for engine in Setup.engines {
      let ours = try changingBits(program, prefix: [Setup.loader, "--engine", engine], starts: starts)
      print(
        "\(architecture), \(engine), \(starts) starts: page \(ours.page) bits, host \(ours.host), kernel's \(kernel)")
      #expect(ours.page >= kernel && ours.host >= kernel)
    }
    let fixed = try changingBits(program, prefix: [Setup.loader, "--no-aslr"], starts: 10)
    #expect(fixed.page == 0)
  }

  @Test(
    "gives a program our page or the rights of another user, never both",
    arguments: Setup.engines.map { [$0] } + [["exec", "--follow"]], ["4755", "2755", "cap_net_raw+ep"])
  func otherRights(engine: [String], right: String) throws {
    let directory = try TemporaryDirectory()
    let program = try Setup.compile("rights.c", in: directory)
    let give = right.hasPrefix("cap") ? ["setcap", right, program] : ["chmod", right, program]
    #expect(try Command.run(["chmod", "755", directory.path]).status == 0)
    #expect(try Command.run(give).status == 0)
    let direct = try Command.run(Setup.unprivileged + [program])
    try #require(direct.output.hasSuffix("secure 1\n"), "the program has no other rights: \(direct.output)")
    for command in [[program], ["sh", "-c", program]] {
      let result = try Command.run(Setup.unprivileged + [Setup.loader, "--engine"] + engine + command)
      // As the first program it can't be followed, which is an error if an option requires it.
      if engine.contains("--follow") && command == [program] {
        #expect(result.status == 125 && !result.output.contains(" raw "), "\(result.output)")
        continue
      }
      #expect(result.status == 0, "\(result.output)")
      let said = try #require(result.output.split(separator: "\n").last { $0.contains(" raw ") })
      #expect(said.hasPrefix("kernel ") || said == "ours user 65534 raw 0 secure 0", "\(result.output)")
      Tally.attacks.report(1, "\(right), \(engine.joined(separator: " "))")
    }
  }

  @Test("lets only a session's user change its time, by its file and by its page")
  func control() throws {
    let directory = try TemporaryDirectory()
    #expect(try Command.run(["chmod", "755", directory.path]).status == 0)
    let control = "\(directory.path)/control"
    let session = try RunningCommand(
      Setup.loader, ["--control", control, "--time", "=2001-01-01T00:00:00Z", "sleep", "1000"])
    while !FileManager.default.fileExists(atPath: control) { usleep(10_000) }
    let ask = [Setup.loader, "time", control]
    while try Command.run(ask).status != 0 { usleep(10_000) }
    #expect(try Command.run(["stat", "-c", "%a", control]).output == "600\n")
    // Two things protect the socket: the file's mode, and the user of the client as the kernel reports it.
    for mode in ["600", "777"] {
      #expect(try Command.run(["chmod", mode, control]).status == 0)
      for name in [control, "\(session.pid)"] {
        for change in [["+1d"], []] {
          let result = try Command.run(Setup.unprivileged + [Setup.loader, "time", name] + change)
          #expect(result.status != 0, "\(mode) \(name): \(result.output)")
          Tally.attacks.report(1, "another user's time, mode \(mode)")
        }
      }
    }
    // The client may still be sending when it is refused.
    for _ in 0..<20 where getuid() == 0 {
      let refused = try Command.run(Setup.unprivileged + [Setup.loader, "time", control, "+1d"])
      #expect(refused.output.contains("belongs to another user"), "\(refused.output)")
    }
    let state = try Command.run(ask)
    #expect(state.status == 0 && state.output.contains("2001-01-01"), "\(state.output)")
    // The session's own user succeeds.
    #expect(try Command.run(ask + ["=2002-02-02T00:00:00Z"]).output.contains("2002-02-02"))
  }

  private static let shim = "\(Fixtures.package)/.build/shim"

  @Test(
    "ignores the shim's environment variable in a program with other rights",
    .enabled(if: FileManager.default.fileExists(atPath: "\(shim)/libvdsoshim.a")))
  func shimVariable() throws {
    let directory = try TemporaryDirectory()
    #expect(try Command.run(["chmod", "755", directory.path]).status == 0)
    let library = ["-L\(Self.shim)", "-Wl,--whole-archive,-l:libvdsoshim.a,--no-whole-archive"]
    let program = "\(directory.path)/rights"
    let build = try Command.run(["gcc", "-o", program, Fixtures.path("trust/rights.c")] + library)
    try #require(build.status == 0, "\(build.output)")
    let ask = Setup.unprivileged + ["env", "VDSOSHIM=verbose", program]
    #expect(try Command.run(ask).output.contains("vdsoshim: "))
    for right in [["chmod", "4755"], ["setcap", "cap_net_raw+ep"]] {
      #expect(try Command.run(right + [program]).status == 0)
      let result = try Command.run(ask)
      #expect(result.output.contains("secure 1") && !result.output.contains("vdsoshim: "), "\(result.output)")
      Tally.attacks.report(1, "the shim's variable, \(right[0])")
      #expect(try Command.run(["chmod", "755", program]).status == 0)
    }
  }
}
