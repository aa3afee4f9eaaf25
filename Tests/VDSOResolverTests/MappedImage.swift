// SPDX-License-Identifier: Apache-2.0

import ELF
import Foundation
import TestSupport

/// An image that a test has built and mapped into this process, readable and executable. It stays mapped, because calls may outlive the
/// test.
struct MappedImage {
  let address: UInt64

  /// Maps an image for this machine whose functions run the given machine code, by symbol name.
  init(functions: [(name: String, code: [UInt8])], change: (inout ELFImageBuilder) -> Void = { _ in }) throws {
    var builder = ELFImageBuilder()
    builder.symbols = functions.enumerated().map { .init($1.name, at: UInt64(0x800 + $0 * 64)) }
    change(&builder)
    var bytes = builder.build().bytes
    for (index, function) in functions.enumerated() {
      bytes.replaceSubrange(0x800 + index * 64..<0x800 + index * 64 + function.code.count, with: function.code)
    }
    let count = bytes.count
    let memory = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else { throw MappingFailure() }
    unsafe memory.copyMemory(from: bytes, byteCount: count)
    guard unsafe mprotect(memory, count, PROT_READ | PROT_EXEC) == 0 else { throw MappingFailure() }
    address = UInt64(UInt(bitPattern: memory))
  }
}

struct MappingFailure: Error {}

/// Machine code of x86_64 functions.
enum Code {
  /// Returns a number.
  static func returning(_ value: Int32) -> [UInt8] {
    [0xb8] + (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } + [0xc3]
  }

  /// Stores a time and returns 0, by `movabs`, two stores through the second argument, `xor`, `ret`.
  static func storing(seconds: Int64) -> [UInt8] {
    [0x48, 0xb8] + (0..<8).map { UInt8(truncatingIfNeeded: seconds >> ($0 * 8)) }
      + [0x48, 0x89, 0x06, 0x48, 0xc7, 0x46, 0x08, 0, 0, 0, 0, 0x31, 0xc0, 0xc3]
  }
}

/// Runs `body` on several threads at once, and returns when all have ended.
func withThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
  let group = DispatchGroup()
  for _ in 0..<count {
    group.enter()
    Thread.detachNewThread {
      body()
      group.leave()
    }
  }
  group.wait()
}
