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
    // getpid is a trap on every Linux; no clock of a page costs as much.
    let trap = try #require(costs.first { $0.0 == "getpid()" }).1
    #expect(trap > 0)
    #expect(costs.count == 10)
  }

  @Test("doctor prints no colors unless standard output is a terminal")
  func plain() throws {
    let result = try Command.run([ProgramTests.loader, "doctor"])
    #expect(!result.output.contains("\u{1b}"))
    #expect(result.output.contains("clock_gettime(CLOCK_REALTIME)"))
  }
}
