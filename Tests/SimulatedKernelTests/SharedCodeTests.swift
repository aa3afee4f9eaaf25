// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import TimePages

@Suite("Code pages in the file of a time page")
struct SharedCodeTests {
  private let bytes = (0..<SharedCode.slotSize).map { UInt8(truncatingIfNeeded: $0 / 8 + 1) }

  /// What a program that maps the file finds.
  private func contents(of file: borrowing TimePageFile, page: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: SharedCode.slotSize)
    let count = unsafe pread(file.descriptor, &result, result.count, off_t(page * 4096))
    return count == result.count ? result : []
  }

  @Test("stores one code page in a slot, behind the time pages", arguments: [false, true])
  func store(hasHostPage: Bool) throws {
    let file = try TimePageFile(hasHostPage: hasHostPage)
    let shared = file.code
    let code = try #require(shared)
    for slot in 0..<SharedCode.slotCount {
      let first = try #require(code.page(of: bytes, slot: slot))
      #expect(first == (hasHostPage ? 2 : 1) + 2 * slot)
      #expect(code.page(of: bytes, slot: slot) == first)
      #expect(contents(of: file, page: first) == bytes)
      #expect(code.page(of: bytes.reversed(), slot: slot) == nil)
      #expect(contents(of: file, page: first) == bytes)
    }
    #expect(code.page(of: bytes, slot: SharedCode.slotCount) == nil)
    #expect(code.page(of: bytes + bytes, slot: 0) == nil)
  }

  @Test("stores a code page again that a process which has ended left without its first word")
  func torn() throws {
    let file = try TimePageFile()
    let shared = file.code
    let code = try #require(shared)
    // A page of which the first word is zero stays unfinished.
    let torn = [UInt8](repeating: 0, count: 8) + bytes.dropFirst(8).map { ~$0 }
    _ = code.page(of: torn, slot: 0)
    let page = try #require(code.page(of: bytes, slot: 0))
    #expect(contents(of: file, page: page) == bytes)
  }
}
