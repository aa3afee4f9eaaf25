// SPDX-License-Identifier: Apache-2.0

import VirtualTime

/// Reads any bytes as messages to a session and from one: a message that is understood has the same meaning when it is written and read
/// again, and a refusal is one line.
let fuzzSessionMessage: FuzzTarget = { bytes in
  let text = String(decoding: bytes, as: UTF8.self)
  if let request = ControlRequest(text) {
    claim(ControlRequest(request.text) == request, "\(request.text.debugDescription) is another request")
  }
  do throws(ControlError) {
    let state = try SessionState(answer: text)
    let again = try? SessionState(answer: state.answer)
    claim(again == state, "\(state.answer.debugDescription) is another state")
  } catch {
    claimIsOneLine(error.description)
  }
  if let part = TimeRecord.part(text) {
    claim(!part.record.changes.isEmpty && part.count > 0, "\(text.debugDescription) is a part of nothing")
    claim(
      TimeRecord.part(part.record.part(from: 0))?.record.changes == Array(part.record.changes.prefix(8)),
      "\(text.debugDescription) is another record")
  }
}
