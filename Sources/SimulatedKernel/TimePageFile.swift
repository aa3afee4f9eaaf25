// A time page that several processes share.
//
// Assumes that a mapping this file makes stays until it unmaps it: the addresses never leave but through `TimePage` and
// the owner's `deinit`.

import CLinux
import CVDSO
import Glibc

/// A time page in a sealed memory file: writable through the one mapping made here, read-only for all who map it later.
///
/// F_SEAL_FUTURE_WRITE refuses any later writable mapping, write(2), and reopening through /proc. The mapping and the
/// descriptor, which is closed on exec, live as long as the value.
@safe
public struct TimePageFile: ~Copyable {
  /// The descriptor of the memory file, owned by the value.
  public let descriptor: Int32
  /// The writer of the page.
  public let page: TimePage
  private let mapping: UnsafeMutableRawPointer

  /// Makes the file, one page of zeros, maps it and seals it.
  public init() throws(MappingError) {
    let size = Int(VDSO_PAGE_SIZE)
    let descriptor = unsafe linux_memory_file("vdso-time")
    guard descriptor >= 0 else { throw MappingError(operation: "create the time page's memory file", errno: errno) }
    guard ftruncate(descriptor, size) == 0,
      let mapping = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      unsafe mapping != MAP_FAILED
    else {
      let code = errno
      close(descriptor)
      throw MappingError(operation: "map the time page", errno: code)
    }
    guard fcntl(descriptor, Int32(LINUX_F_ADD_SEALS), Self.seals) == 0 else {
      let code = errno
      unsafe munmap(mapping, size)
      close(descriptor)
      throw MappingError(operation: "seal the time page's memory file", errno: code)
    }
    self.descriptor = descriptor
    unsafe self.mapping = mapping
    unsafe page = TimePage(initializing: mapping)
  }

  /// The memory file's number, by which /proc/PID/maps names it; nil where the system doesn't say.
  public var number: UInt64? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  deinit {
    unsafe munmap(mapping, Int(VDSO_PAGE_SIZE))
    close(descriptor)
  }

  private static let seals = Int32(
    LINUX_F_SEAL_SEAL | LINUX_F_SEAL_SHRINK | LINUX_F_SEAL_GROW | LINUX_F_SEAL_FUTURE_WRITE)
}

/// The system refused a mapping, or what it takes to make one.
public struct MappingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was attempted, as in "cannot `operation`".
  public var operation: String
  /// The error number.
  public var errno: Int32

  public var description: String {
    "cannot \(operation): \(unsafe String(cString: strerror(errno)))"
  }
}
