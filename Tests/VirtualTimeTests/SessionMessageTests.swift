// SPDX-License-Identifier: Apache-2.0

import Testing
import VirtualTime

@Suite("Messages of sessions")
struct SessionMessageTests {
  @Test(
    "reports a refusal as one line without control characters",
    arguments: ["error a\nb", "error \u{1b}[2J", "error", "error "])
  func refusal(answer: String) throws {
    let error = try #require(throws: ControlError.self) { try SessionState(answer: answer) }
    #expect(!error.description.isEmpty && !error.description.unicodeScalars.contains { $0.value < 0x20 }, "\(error)")
  }

  @Test(
    "reads every session message that it writes",
    arguments: ["get", "set - +3d", "set all x10", "set REALTIME @2038-01-19T03:14:00Z step 1s", "set - ="])
  func requests(text: String) throws {
    let request = try #require(ControlRequest(text))
    #expect(ControlRequest(request.text) == request)
  }
}
