// Carrying a hand-over out.
//
// Assumes: the scratch memory is this file's own; the calls' addresses are in it or are arguments of calls on memory that
// the caller laid out; the code of handover_x86_64.S uses no stack until the new one is in place.

import CLinux
import Glibc

extension HandOver {
  /// Memory for the last steps: the code's page, then what it works through.
  struct Scratch: ~Copyable {
    private(set) var pages = OwnedPages()
    let range: Range<UInt64>
    let addresses: HandOverScratch

    private static let data: UInt64 = 4096
    private static let work = data
    private static let defaultAction = data + 128
    private static let ignoringAction = data + 160
    private static let disabledStack = data + 192
    private static let name = data + 256
    private static let memoryMap = data + 320
    private static let message = data + 640
    private static let calls = data + 1024

    /// Room for `callCount` calls and a stack of `stackSize` bytes, writable, at `base` where there is one.
    init(callCount: Int, stackSize: Int, at base: BaseAddress?) throws(KernelError) {
      let size = (Self.calls + UInt64(callCount) * 64 + UInt64(stackSize)).roundedUp(to: 4096)
      let range = try pages.add(byteCount: size, near: base, protection: PROT_READ | PROT_WRITE)
      self.range = range
      let start = range.lowerBound
      addresses = HandOverScratch(
        defaultAction: start + Self.defaultAction, ignoringAction: start + Self.ignoringAction,
        disabledStack: start + Self.disabledStack,
        name: start + Self.name, memoryMap: start + Self.memoryMap,
        memoryMapWithExecutable: start + Self.memoryMap + 104)
    }

    /// Writes everything, makes the code executable and jumps to it: nothing after it runs.
    mutating func run(
      _ handOver: HandOver, name: [UInt8], parts: StartParts, executable: Int32
    ) throws(KernelError) -> Never {
      let start = range.lowerBound
      let stackSource = start + Self.calls + UInt64(handOver.calls.count) * 64
      let message = Array("demo-loader: the last step failed, the program can't be started\n".utf8)
      pages.write([1 /* SIG_IGN */, 0, 0, 0], at: addresses.ignoringAction)
      pages.write([0, 2 /* SS_DISABLE */, 0], at: addresses.disabledStack)
      pages.write(Array(name.prefix(15)) + [0], at: addresses.name)
      let vector = stackSource + handOver.stack.auxiliaryVector.lowerBound - handOver.stack.stackPointer
      for (address, file) in [(addresses.memoryMap, -1), (addresses.memoryMapWithExecutable, executable)] {
        pages.write(parts.memoryMap(handOver.stack, vector: vector, executable: file), at: address)
      }
      pages.write(message, at: start + Self.message)
      pages.write(Self.words(handOver.calls), at: start + Self.calls)
      pages.write(handOver.stack.bytes, at: stackSource)
      pages.write(Self.code, at: start)
      let last = handOver.wordSize == .four ? Self.munmapOfI386 : UInt64(linux_call_munmap)
      let codeSegment = handOver.wordSize == .four ? Self.codeSegmentOfI386 : 0
      pages.write(
        [
          start + Self.calls, UInt64(handOver.calls.count), stackSource, handOver.stack.stackPointer,
          UInt64(handOver.stack.bytes.count), handOver.stack.stackPointer, handOver.entry,
          handOver.gadget ?? start + UInt64(linux_handover_return_offset()), last, start, UInt64(range.count),
          start + Self.message, UInt64(message.count), codeSegment,
        ], at: start + Self.work)
      try pages.protect(start..<start + 4096, PROT_READ | PROT_EXEC)
      pages.release()
      // SAFETY: both are in the scratch memory, which stays until the code's own last call.
      unsafe linux_handover_run(
        UnsafeRawPointer(bitPattern: UInt(start)),
        UnsafePointer<linux_handover>(bitPattern: UInt(start + Self.work)))
    }

    /// The corresponding kernel constants are `__NR_munmap` of i386 and `__USER32_CS`.
    private static let munmapOfI386: UInt64 = 91
    private static let codeSegmentOfI386: UInt64 = 0x23

    private static var code: [UInt8] {
      // SAFETY: the code's own bounds, in this program's text.
      unsafe Array(UnsafeRawBufferPointer(start: linux_handover_code(), count: linux_handover_code_size()))
    }

    /// The calls as an array of `struct linux_handover_call`.
    private static func words(_ calls: [Call]) -> [UInt64] {
      var result: [UInt64] = []
      result.reserveCapacity(8 * calls.count)
      for call in calls {
        result.append(UInt64(call.number))
        for index in 0..<6 { result.append(index < call.arguments.count ? call.arguments[index] : 0) }
        result.append(call.isFatal ? 1 : 0)
      }
      return result
    }
  }

  /// Where `ranges`, which are mapped and executable, hold the instructions `syscall; ret`, or i386's `int $0x80; ret`.
  static func gadget(in ranges: [Range<UInt64>], _ wordSize: InitialStack.WordSize) -> UInt64? {
    let call: (UInt8, UInt8) = wordSize == .four ? (0xcd, 0x80) : (0x0f, 0x05)
    for range in ranges {
      // SAFETY: the caller mapped the range readable.
      guard let start = unsafe UnsafeRawPointer(bitPattern: UInt(range.lowerBound)) else { continue }
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: range.count)
      for offset in 0..<max(0, range.count - 2)
      where unsafe bytes[offset] == call.0 && bytes[offset + 1] == call.1 && bytes[offset + 2] == 0xc3 {
        return range.lowerBound + UInt64(offset)
      }
    }
    return nil
  }
}
