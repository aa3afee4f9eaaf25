import CVDSO
import ELF

/// The calls by which a task gets its pages, in two lists: what the first returns, the second needs.
struct PagePlacement {
  private static let pageSize = UInt64(VDSO_PAGE_SIZE)
  // PROT_*, MAP_* and MADV_* as on every architecture that CallList has code for.
  private static let (readable, writable, executable): (UInt64, UInt64, UInt64) = (1, 2, 4)
  private static let (shared, fixed, privateAnonymous): (UInt64, UInt64, UInt64) = (1, 0x10, 0x22)
  private static let wipeOnFork: UInt64 = 18

  /// The code page.
  let code: [UInt8]
  /// The address of the time page, the lowest.
  let base: UInt64
  /// The task's own number for itself.
  let processID: UInt32
  /// The task's descriptor of the time page.
  let timePage: UInt64

  var identityPage: UInt64 { base + Self.pageSize }
  /// What AT_SYSINFO_EHDR is to say.
  var header: UInt64 { base + 2 * Self.pageSize }

  /// Asks for the task's number, memory for the pages, and unless it has one a descriptor of the time page.
  ///
  /// The descriptor comes as the result of an execve of nothing, from who listens for execve.
  static func request(_ width: ELFClass, codeSize: Int, asksForTimePage: Bool) -> CallList {
    let numbers = CallNumbers.numbers(width)
    var list = CallList(width)
    list.append(numbers.getpid)
    list.append(numbers.mmap, 0, 2 * pageSize + UInt64(codeSize), readable | writable, privateAnonymous, .max, 0)
    if asksForTimePage { list.append(numbers.execve, 0, 0, 0) }
    return list
  }

  /// Takes what the calls of `request` returned.
  init(code: [UInt8], results: [Int64], timePage: Int32?) throws(TaskError) {
    if let error = results.first(where: { $0 < 0 && $0 > -4096 }) {
      throw TaskError("get memory and the time page in the program", errno: Int32(-error))
    }
    self.code = code
    processID = UInt32(truncatingIfNeeded: results[0])
    base = UInt64(bitPattern: results[1])
    self.timePage = UInt64(bitPattern: timePage.map(Int64.init) ?? results[2])
  }

  /// The identity and the code page, to be written behind the time page.
  var contents: [UInt8] {
    var identity: [UInt8] = []
    for word in [UInt32(VDSO_IDENTITY_MAGIC), 1 << UInt32(VDSO_IDENTITY_PID), processID] {
      ByteOrder.littleEndian.append(word, to: &identity)
    }
    return identity + Array(repeating: 0, count: Int(Self.pageSize) - identity.count) + code
  }

  /// Adds the calls that put the pages in place; the first four must succeed.
  func append(to list: inout CallList) {
    let numbers = CallNumbers.numbers(list.width)
    list.append(numbers.mmap, base, Self.pageSize, Self.readable, Self.shared | Self.fixed, timePage, 0)
    list.append(numbers.madvise, identityPage, Self.pageSize, Self.wipeOnFork)
    list.append(numbers.mprotect, identityPage, Self.pageSize, Self.readable)
    list.append(numbers.mprotect, header, UInt64(code.count), Self.readable | Self.executable)
    list.append(numbers.close, timePage)
    // Best effort: since Linux 6.10 it makes the protection final.
    list.append(numbers.mseal, header, UInt64(code.count), 0)
  }

  static let necessaryCalls = 4
}
