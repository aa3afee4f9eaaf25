// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Arguments, names and paths that aren't UTF-8")
struct ByteArgumentTests {
  private static let loader = ProgramTests.loader

  /// Arguments for printf(1): bytes that never occur in UTF-8, latin-1, an overlong form, a surrogate, a truncated character, characters of
  /// the last private range, and a valid one.
  private static let strings = [
    "a\\377\\376b", "caf\\351", "\\300\\257", "\\355\\240\\200", "\\342\\202",
    "\\364\\217\\274\\200\\364\\217\\277\\277",
    "\\303\\251", "-\\377",
  ]

  static let ways: [[String]] = [
    [], ["--"], ["run"], ["run", "--"], ["-v"], ["--time", "+1d"], ["--time=+1d"], ["--engine", "load"],
    ["--engine", "exec"],
    ["--engine", "load", "--no-follow", "--time", "+1d"], ["--clock-source", "tsc"], ["--clock-source=tsc"],
    ["--vdso", "kernel"], ["--vdso", "none"], ["--follow"], ["--no-follow"], ["--no-aslr"], ["--deterministic"],
    ["--show-auxv"], ["--strict", "--time", "+1d"],
  ]

  /// Runs a shell script in a directory, where $L is the loader. Standard error is discarded.
  private func shell(_ script: String, in directory: TemporaryDirectory) throws -> Command.Result {
    try Command.run(
      ["sh", "-c", "cd \(directory.path); { \(script)\n} 2>errors"],
      environment: ["L": Self.loader, "LC_ALL": "C"])
  }

  @Test("passes arguments that aren't UTF-8 unchanged, in every way to start a program", arguments: ways)
  func arguments(way: [String]) throws {
    let directory = try TemporaryDirectory()
    let given = Self.strings.map { "\"$(printf '\($0)')\"" }.joined(separator: " ")
    let show = "/usr/bin/printf '%s|' \(given) | od -An -v -tx1"
    let direct = try shell(show, in: directory)
    #expect(direct.output.contains("61 ff fe 62 7c 63 61 66 e9 7c"), "\(direct.output)")
    let ours = try shell("$L \(way.joined(separator: " ")) \(show)", in: directory)
    #expect(ours.output == direct.output, "\(ours.output)")
  }

  @Test("starts programs and opens files whose names aren't UTF-8", arguments: ways)
  func programs(way: [String]) throws {
    let directory = try TemporaryDirectory()
    let options = way.joined(separator: " ")
    let result = try shell(
      """
      n=$(printf 'd\\377\\376'); f=$(printf 'caf\\351.txt')
      cp /bin/cat "$n"; printf 'found\\n' >"$f"
      $L \(options) "./$n" "$f"
      PATH=$PWD:$PATH $L \(options) "$n" caf*.txt
      $L \(options) "./$n$n"; echo $?
      """, in: directory)
    #expect(result.output == "found\nfound\n127\n", "\(result.output)")
  }

  @Test("reads and writes images, sockets and files whose names aren't UTF-8")
  func paths() throws {
    let directory = try TemporaryDirectory()
    let result = try shell(
      """
      p=$(printf 'p\\377.so'); c=$(printf 'c\\351'); s=$(printf 's\\300.svg')
      $L image -o "$p"; test -s "$p" && echo image
      $L image --format svg --output="$s"; test -s "$s" && echo picture
      $L --vdso "./$p" true && echo vdso
      $L --vdso="./$p" --engine load --no-follow true && echo loaded
      $L lint "$p" | head -1 | grep -c ', 0 broken'
      $L symbols --file "$p" >/dev/null && echo symbols
      $L resolve --file "$p" >/dev/null && echo resolve
      for control in "--control $c" "--control=$c"; do
        $L $control --time =2001-01-01T00:00:00Z sleep 1000 & sleeper=$!
        for i in $(seq 600); do $L time "$c" >/dev/null && break; sleep 0.1; done
        test -S "$c" && $L time "$c" @2038-01-01T00:00:00Z | cut -c 1-10
        kill -9 $sleeper; for i in $(seq 600); do test -e "$c" || break; sleep 0.1; done
      done
      ls | wc -l
      """, in: directory)
    #expect(
      result.output == "image\npicture\nvdso\nloaded\n1\nsymbols\nresolve\n2038-01-01\n2038-01-01\n3\n",
      "\(result.output)")
  }

  @Test("shows a name that isn't UTF-8 repaired, on one line, and never as other characters")
  func messages() throws {
    let directory = try TemporaryDirectory()
    let result = try shell(
      """
      n=$(printf 'd\\377')
      $L "./$n" 2>&1; echo $?
      $L --vdso "$n" true 2>&1; echo $?
      $L "--$n" true 2>&1 | head -1
      """, in: directory)
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 5 && lines[1] == "127" && lines[3] == "125", "\(result.output)")
    for line in [0, 2, 4] where lines.count == 5 {
      #expect(lines[line].contains("d\u{fffd}"), "\(result.output)")
      #expect(!lines[line].unicodeScalars.contains { $0.value >= 0x10_0000 }, "\(result.output)")
    }
  }
}
