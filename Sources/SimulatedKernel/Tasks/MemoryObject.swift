// SPDX-License-Identifier: Apache-2.0

// Memory that simulated tasks map.
//
// Assumes that the memory outlives every pointer handed out: it is freed with the object, and the code that takes `address` keeps
// the object.

import CVDSO

/// One page of memory that simulated tasks map: what Mach calls a memory object.
///
/// Two entries that map the same object see each other's changes. Not thread-safe, except for a `TimePage` made of it: its readers may run
/// at the same time as its writer.
@safe
public final class MemoryObject {
  /// The page's address in the kernel: VDSO_PAGE_SIZE bytes, aligned to that size. Valid as long as the object.
  public let address: UnsafeMutableRawPointer

  /// Allocates a page of zeros.
  public init() {
    let size = Int(VDSO_PAGE_SIZE)
    unsafe address = .allocate(byteCount: size, alignment: size)
    unsafe address.initializeMemory(as: UInt8.self, repeating: 0, count: size)
  }

  /// Allocates a page that begins with `bytes`, VDSO_PAGE_SIZE at most.
  public convenience init(_ bytes: [UInt8]) {
    self.init()
    write(bytes)
  }

  /// The page's bytes now.
  public var bytes: [UInt8] { unsafe Array(buffer) }

  /// Writes `bytes`, VDSO_PAGE_SIZE at most, to the start of the page.
  public func write(_ bytes: [UInt8]) {
    precondition(bytes.count <= Int(VDSO_PAGE_SIZE), "more bytes than a page has")
    unsafe bytes.withUnsafeBytes { unsafe buffer.copyMemory(from: $0) }
  }

  subscript(offset: Int) -> UInt8 {
    get { unsafe buffer[offset] }
    set { unsafe buffer[offset] = newValue }
  }

  private var buffer: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: address, count: Int(VDSO_PAGE_SIZE))
  }

  deinit {
    unsafe address.deallocate()
  }
}
