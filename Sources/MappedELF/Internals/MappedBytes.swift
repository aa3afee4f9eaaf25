// SPDX-License-Identifier: Apache-2.0

// Bytes of this process's memory, read in place.
//
// Assumes: `count` bytes from `address` are mapped and readable as long as the value is used, which the code that makes the value
// guarantees. They may change meanwhile: each read is checked by itself, and nothing that was read earlier is assumed to be unchanged.

/// Memory of this process, less than 4 GiB. A read outside it gives nil.
struct MappedBytes: Sendable {
  let address: UInt
  let count: UInt

  /// `count` bytes from `address` must stay readable while the value is used.
  @unsafe init(address: UInt, count: UInt) throws(ELFError) {
    guard address != 0, count <= UInt(UInt32.max), address.addingReportingOverflow(count).overflow == false else {
      throw .outsideImage(.bytes, offset: 0, size: UInt64(count), imageSize: 0)
    }
    (self.address, self.count) = (address, count)
  }

  /// The value that lies at `offset`, at any alignment. `T` must be made of integers without padding.
  @inline(__always)
  func load<T: BitwiseCopyable>(_: T.Type, at offset: UInt) -> T? {
    let size = UInt(MemoryLayout<T>.size)
    guard size <= count, offset <= count - size else { return nil }
    // SAFETY: offset + size <= count, and the sum of address and count does not wrap.
    guard let place = unsafe UnsafeRawPointer(bitPattern: address &+ offset) else { return nil }
    return unsafe place.loadUnaligned(as: T.self)
  }

  /// Whether the null-terminated string at `offset` is `name`; false if it reaches outside.
  @inline(__always)
  func holds(_ name: NameBytes, at offset: UInt) -> Bool {
    guard name.count < count, offset < count - name.count,
      let place = unsafe UnsafeRawPointer(bitPattern: address &+ offset)
    else { return false }
    // SAFETY: the name and its null are inside, as just checked.
    return unsafe Self.areEqual(place, name.start, Int(name.count) + 1)
  }

  /// The length of the null-terminated string at `offset`, or nil if none of fewer than `limit` bytes ends inside.
  func stringLength(at offset: UInt, limit: UInt) -> UInt? {
    var length: UInt = 0
    while length < limit, let byte = load(UInt8.self, at: offset &+ length) {
      if byte == 0 { return length }
      length += 1
    }
    return nil
  }

  /// Compares eight bytes at a time; the last eight overlap those before. A call of `memcmp` would cost more.
  @inline(__always)
  private static func areEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
    guard count >= 8 else {
      for index in 0..<count
      where unsafe left.load(fromByteOffset: index, as: UInt8.self) != right.load(fromByteOffset: index, as: UInt8.self)
      {
        return false
      }
      return true
    }
    var index = 0
    while index < count {
      let place = min(index, count - 8)
      guard
        unsafe left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
          == right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      else { return false }
      index += 8
    }
    return true
  }

  /// Checks the bytes that every image begins with.
  func checkIdentification() throws(ELFError) {
    let length = min(count, UInt(ELFIdentification.longestHeader))
    guard let start = unsafe UnsafeRawPointer(bitPattern: address) else { throw .notELF }
    // SAFETY: the span covers bytes of the mapping and does not outlive the call.
    try unsafe ELFIdentification.check(RawSpan(_unsafeStart: start, byteCount: Int(length)), byteCount: UInt64(count))
  }
}
