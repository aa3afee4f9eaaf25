// SPDX-License-Identifier: Apache-2.0

// A time page that several processes share.
//
// Assumes that a mapping that this file makes stays until this file unmaps it: the addresses are used only by `TimePage` and the owner's
// `deinit`.

import AuxvLoader
import CLinux
import CVDSO
import Glibc
public import ProcessSupport

/// A time page in a sealed memory file: writable through the one mapping made here, read-only in every later mapping.
///
/// The mapping and the descriptor, which is closed on exec, live as long as the value.
@safe
public struct TimePageFile: ~Copyable {
  /// The descriptor of the memory file, owned by the value.
  public var descriptor: Int32 { file.descriptor }
  /// The writer of the page.
  public let page: TimePage
  /// The writer of a second page behind it, for programs that can't use the first page's clocks.
  public let hostPage: TimePage?
  /// Space behind the pages for code pages; nil if the limit for files leaves none, or the kernel's pages are larger.
  package let code: SharedCode?
  private let file: MemoryFile
  private let byteCount: Int
  private let mapping: UnsafeMutableRawPointer

  /// Makes the file, one or two pages of zeros and space for code pages, maps it and seals it.
  public init(hasHostPage: Bool = false) throws(SystemError) {
    let pageSize = Int(VDSO_PAGE_SIZE)
    let pagesSize = hasHostPage ? 2 * pageSize : pageSize
    let codeSize = SharedCode.slotCount * SharedCode.slotSize
    let hasCode =
      AuxvKey.pageSize.valueInThisProcess == pageSize && linux_may_write_files(0, UInt64(pagesSize + codeSize))
    let size = hasCode ? pagesSize + codeSize : pagesSize
    let file = try MemoryFile("vdso-time", byteCount: size)
    guard let mapping = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0),
      unsafe mapping != MAP_FAILED
    else { throw SystemError("map the time page", errno: .current) }
    do throws(SystemError) {
      try file.seal()
    } catch {
      unsafe munmap(mapping, size)
      throw error
    }
    self.file = file
    unsafe self.mapping = mapping
    byteCount = size
    unsafe page = TimePage(initializing: mapping)
    unsafe hostPage = hasHostPage ? TimePage(initializing: mapping + pageSize) : nil
    unsafe code =
      hasCode
      ? SharedCode(.init(start: mapping + pagesSize, count: codeSize), firstPage: pagesSize / pageSize) : nil
    if let number {
      page.setSession(number)
      hostPage?.setSession(number)
    }
  }

  /// The memory file's number, by which /proc/PID/maps names it; nil if the system doesn't say.
  public var number: UInt64? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  deinit {
    unsafe munmap(mapping, byteCount)
  }
}
