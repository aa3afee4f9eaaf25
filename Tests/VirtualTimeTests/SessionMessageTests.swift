// SPDX-License-Identifier: Apache-2.0

import Testing
import VirtualTime

@Suite("Messages of sessions")
struct SessionMessageTests {
  @Test(
    "reports a refusal as one line without control characters",
    arguments: [
      "error a\nb", "error \u{1b}[2J", "error", "error ", "ok all 1 entered 1 2 3 4 5 1",
      "ok all 1 entered 1 2 3 4 5 2 +0",
      "ok all 1 entered 1 2 3 4 -5 1 +0",
    ])
  func refusal(answer: String) throws {
    let error = try #require(throws: ControlError.self) { try SessionState(answer: answer) }
    #expect(!error.description.isEmpty && !error.description.unicodeScalars.contains { $0.value < 0x20 }, "\(error)")
  }

  @Test(
    "reads every session message that it writes",
    arguments: [
      "get", "set - +3d", "set all x10", "set REALTIME @2038-01-19T03:14:00Z step 1s", "set - =", "record 0",
      "record 95", "leave",
    ])
  func requests(text: String) throws {
    let request = try #require(ControlRequest(text))
    #expect(ControlRequest(request.text) == request)
  }

  @Test(
    "reads the state that it writes, with and without processes that have entered a namespace",
    arguments: [true, false])
  func state(isWatched: Bool) throws {
    let request = TimeRequest(try TimeSpecification("@2038-01-19T03:14:00Z step 1s"), scope: .all)
    var state = SessionState(date: .max, request: request)
    #expect(try SessionState(answer: state.answer) == state)
    state.entered = EnteredProcesses(attached: 1, ended: 2, refused: 3, unseen: 4, gaps: .max, isWatched: isWatched)
    #expect(try SessionState(answer: state.answer) == state)
  }

  @Test("sends a record in parts, and keeps the start and the latest changes", arguments: [1, 7, 8, 9, 96, 200])
  func record(count: Int) throws {
    func change(_ index: Int) -> TimeRecord.Change {
      TimeRecord.Change(uptime: .max - 1000 + Int64(index), before: .min + Int64(index), after: .min)
    }
    var record = TimeRecord(start: change(0))
    for index in 1..<count { record.append(change(index)) }
    record = record.at(uptime: .max, difference: .min)
    var read: [TimeRecord.Change] = []
    repeat {
      let text = record.part(from: read.count)
      #expect(text.utf8.count <= 1024)
      let part = try #require(TimeRecord.part(text))
      #expect(part.count == min(count, 96) && part.record.dropped == max(0, count - 96))
      #expect(part.record.present.uptime == .max && part.record.present.before == .min)
      read += part.record.changes
    } while read.count < min(count, 96)
    #expect(read == [change(0)] + (max(1, count - 95)..<count).map(change))
    #expect(TimeRecord.part(record.part(from: count)) == nil)
  }

  @Test(
    "refuses what is no part of a record",
    arguments: [
      "", "record", "record 1 0", "record 1 0 1 2 3", "record 1 0 1 2 3 4 5", "record 0 0 1 2 3 4 5 6",
      "record 1 -1 1 2 3 4 5 6", "record 97 0 1 2 3 4 5 6", "record 1 0 1 2 3 4 5 x", "record 1 0 1 2 3 4 5  6",
      "ok 1 0 1 2 3 4 5 6",
    ])
  func noRecord(text: String) { #expect(TimeRecord.part(text) == nil) }
}
