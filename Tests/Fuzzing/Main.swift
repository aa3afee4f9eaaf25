// SPDX-License-Identifier: Apache-2.0

// The fuzzers' entry points, called by libFuzzer.
//
// Assumes: libFuzzer calls `LLVMFuzzerInitialize` once, before the first input, and owns the bytes of an input during the call.

import Glibc

/// A claim about all inputs: the function returns if the claim holds, and stops the program if it doesn't.
typealias FuzzTarget = @Sendable ([UInt8]) -> Void

private let targets: [String: FuzzTarget] = [
  "attach-code": fuzzFunctionCode,
  "attach-record": fuzzAttachmentRecord,
  "auxv": fuzzAuxiliaryVector,
  "core": fuzzCore,
  "elf-file": fuzzFile,
  "elf-memory": fuzzMemory,
  "program": fuzzProgram,
  "session-message": fuzzSessionMessage,
  "task-files": fuzzTaskFiles,
  "time-page": fuzzTimePage,
  "time-spec": fuzzTimeSpecification,
]

nonisolated(unsafe) private var target: FuzzTarget?

/// Chooses the target by the program's name: libFuzzer starts itself again under it, with arguments of its own.
@c(LLVMFuzzerInitialize)
public func initialize(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
) -> Int32 {
  let path = String(cString: arguments.pointee[0])
  target = targets[String(path.split(separator: "/").last ?? "")]
  guard target == nil else { return 0 }
  complain("\(path): start the fuzzer by a name that says its target: \(targets.keys.sorted().joined(separator: " "))")
  exit(64)
}

@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target?(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// Stops the program if a claim doesn't hold, so that libFuzzer keeps the input.
func claim(_ holds: Bool, _ text: @autoclosure () -> String, line: Int = #line, file: String = #fileID) {
  guard !holds else { return }
  complain("\(file):\(line): \(text())")
  abort()
}

private func complain(_ text: String) {
  let line = Array("\(text)\n".utf8)
  _ = write(2, line, line.count)
}

/// The text of an error must be one line that isn't empty.
func claimIsOneLine(_ text: String) {
  claim(!text.isEmpty && !text.contains { $0.isNewline }, "the error's text is not one line: \(text.debugDescription)")
}
