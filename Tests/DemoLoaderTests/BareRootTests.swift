// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("Sessions without /proc and /dev", .enabled(if: geteuid() == 0))
struct BareRootTests {
  /// A launcher with Swift's own runtime finds its arguments in /proc, so only a static one can be tested without /proc.
  private static let isStatic = ProcessInfo.processInfo.environment["DEMO_LOADER"] != nil

  /// Starts a program as the first process of a PID namespace, and prints whether other processes remain at the end. The status is 125 if
  /// demo-loader needs /proc.
  private static let script = """
    while umount -l /proc; do :; done
    [ "$1" = all ] || mount -t tmpfs none /dev
    shift
    output=$("$@")
    echo "$output $?"
    for attempt in $(seq 300); do
      error=$(kill -0 -1 2>&1) || { echo over; exit; }
      sleep 0.1
    done
    echo left
    """

  @Test(
    "sessions without /proc end with their first program, and hold no pipe open", arguments: ["all", "none"],
    [["exec", "--no-follow"], ["exec", "--follow"], ["load", "--no-follow"]])
  func ends(devices: String, options: [String]) throws {
    guard Self.isStatic else { return }
    let loader = [ProgramTests.loader, "--clock-source", "tsc", "--engine"] + options + ["/bin/echo", "started"]
    let result = try Command.run(
      [
        "timeout", "60", "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", Self.script, "sh",
        devices,
      ]
        + loader)
    let lines = result.output.split(separator: "\n")
    #expect(lines.last == "over", "\(result)")
    #expect(lines.contains(options[0] == "exec" ? "started 0" : " 125"), "\(result)")
  }
}
