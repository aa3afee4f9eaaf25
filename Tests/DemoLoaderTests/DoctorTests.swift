// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("demo-loader doctor")
struct DoctorTests {
  @Test("doctor prints JSON whose verdict matches the exit status, and measures system calls as such")
  func json() throws {
    let result = try Command.run([ProgramTests.loader, "doctor", "--json"])
    let report = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let diagnosis = try #require(report["diagnosis"] as? [String: Any])
    #expect(result.status == (diagnosis["isSlow"] as? Bool == true ? 2 : 0))
    let facts = try #require(report["facts"] as? [String: Any])
    let calls = try #require(facts["calls"] as? [[String: Any]])
    let costs = calls.map { ($0["call"] as? String ?? "", $0["nanoseconds"] as? Double ?? 0) }
    // getpid is a trap on every Linux. No clock of a page costs as much.
    let trap = try #require(costs.first { $0.0 == "getpid()" }).1
    #expect(trap > 0)
    #expect(costs.count == 10)
  }

  /// The doctor's message about each feature of sessions; nil if it works as a whole.
  private func sessions(_ command: [String]) throws -> [String: String?] {
    let result = try Command.run(command + [ProgramTests.loader, "doctor", "--json"])
    let text = result.output.drop { $0 != "{" }
    let report = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let sessions = try #require(report?["sessions"] as? [[String: Any]], "\(result)")
    return Dictionary(
      uniqueKeysWithValues: sessions.map { session in
        (
          session["feature"] as? String ?? "",
          session["works"] as? Bool == true ? session["reason"] as? String : session["reason"] as? String ?? ""
        )
      })
  }

  @Test("doctor says what sessions can't do, and why, exactly where a start is refused")
  func trials() throws {
    let directory = try TemporaryDirectory()
    let container = try Fixtures.compile("programs/container.c", with: ["gcc"], in: directory)
    let features = [
      (["--follow"], "(--follow)"), (["--deterministic"], "(--deterministic)"),
      (["--clock-source", "tsc"], "(--clock-source tsc)"),
    ]
    for (option, feature) in features {
      // The command runs in this process's own environment, and under a container's filter.
      for inside in [[], getuid() == 0 ? [container] : []] {
        let start = try Command.run(inside + [ProgramTests.loader] + option + ["true"])
        let answer = try #require(try sessions(inside).first { $0.key.contains(feature) })
        #expect((answer.value == nil) == (start.status == 0 && start.output.isEmpty), "\(inside) \(answer) \(start)")
        if let reason = answer.value { #expect(start.output.contains(reason), "\(reason) \(start)") }
      }
    }
  }

  @Test("doctor answers for attach, and says what following takes from a program of an ordinary user")
  func attachments() throws {
    for user in [[], getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []] {
      let answers = try sessions(user)
      let follows = try #require(answers.first { $0.key.contains("(attach --follow)") })
      let script = "sleep 60 & \(ProgramTests.loader) attach --follow $!; status=$?; kill $!; exit $status"
      let attached = try Command.run(user + ["sh", "-c", script])
      #expect(attached.status == 0 || follows.value != nil, "\(attached) \(follows)")
      func text(_ message: String) -> String { message.replacing(/process [0-9]+/, with: "process N") }
      if let message = follows.value {
        #expect(text(attached.output).contains(text(message)), "\(attached) \(follows)")
      }
      #expect(attached.output.isEmpty == (follows.value == nil), "\(attached) \(follows)")
    }
  }

  @Test("doctor prints no colors unless standard output is a terminal")
  func plain() throws {
    let result = try Command.run([ProgramTests.loader, "doctor"])
    #expect(!result.output.contains("\u{1b}"))
    #expect(result.output.contains("clock_gettime(CLOCK_REALTIME)"))
  }
}
