// SPDX-License-Identifier: Apache-2.0

// The bytes of a name to look up.
//
// Assumes: a constant string lives as long as the program, and a C string as long as its caller promises.

/// A name, with a null behind its last byte.
@safe struct NameBytes {
  let start: UnsafeRawPointer
  /// The number of bytes without the null.
  let count: UInt

  /// Takes a constant name of more than one byte.
  @inline(__always)
  init(_ text: StaticString) {
    unsafe start = UnsafeRawPointer(text.utf8Start)
    count = UInt(text.utf8CodeUnitCount)
  }

  /// Takes a C string, which must stay where it is while the value is used.
  @unsafe init(_ text: UnsafePointer<CChar>) {
    var count: UInt = 0
    while unsafe text[Int(count)] != 0 { count += 1 }
    unsafe start = UnsafeRawPointer(text)
    self.count = count
  }

  var systemVHash: UInt32 { unsafe SymbolHash.systemV(bytes) }
  var gnuHash: UInt32 { unsafe SymbolHash.gnu(bytes) }

  private var bytes: UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: Int(count))
  }
}
