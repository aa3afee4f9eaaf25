// SPDX-License-Identifier: Apache-2.0

// Executes an exec transition.
//
// Assumes: this file alone uses the scratch memory. Addresses in the calls lie in it, or belong to memory that the caller has mapped. The
// code of exec_transition_*.S uses no stack until the new one is in place.

import CLinux
import Glibc
import ProcessSupport

extension ExecTransition {
  /// Memory for the last steps: the code's page, and the data that the code processes.
  struct Scratch: ~Copyable {
    private(set) var pages = MappingGuard()
    let range: Range<UInt64>
    let addresses: ExecTransitionScratch

    /// The number of parts of mappings that can be unmapped, and the size of the text that lists mappings.
    private static let unmappings = 1024
    private static let listSize = 1 << 17

    private static let data = ProgramLoader.pageSize
    private static let work = data
    private static let defaultAction = data + 128
    private static let ignoringAction = data + 160
    private static let disabledStack = data + 192
    private static let name = data + 256
    private static let memoryMap = data + 320
    private static let rest = data + 1024
    private static let callSize = UInt64(MemoryLayout<linux_transition_call>.size)

    /// Writable memory for `callCount` calls in addition to those that unmap, `keptCount` ranges, messages about `path` and a stack of
    /// `stackSize` bytes. It lies at `base`, if there is one, and nowhere in `taken`.
    init(
      callCount: Int, keptCount: Int, path: [UInt8], stackSize: Int, at base: BaseAddress?,
      avoiding taken: [Range<UInt64>]
    ) throws(Errno) {
      let messages = ExecTransition.Message.allCases.reduce(0) { $0 + Self.messageSize($1.text(path)) }
      let size =
        Self.rest + UInt64(callCount + Self.unmappings) * Self.callSize + UInt64(keptCount * 16)
        + UInt64(messages + stackSize + Self.listSize) + 64
      let range = try pages.add(
        byteCount: size.roundedUp(to: ProgramLoader.pageSize), near: base, avoiding: taken,
        protection: PROT_READ | PROT_WRITE)
      self.range = range
      let start = range.lowerBound
      addresses = ExecTransitionScratch(
        defaultAction: start + Self.defaultAction, ignoringAction: start + Self.ignoringAction,
        disabledStack: start + Self.disabledStack,
        name: start + Self.name, memoryMap: start + Self.memoryMap,
        memoryMapWithExecutable: start + Self.memoryMap + 104)
    }

    /// Writes everything, makes the code executable and jumps to it: nothing after it runs.
    ///
    /// Throws before anything has happened. `executable` is the program's open file, `path` names it.
    mutating func run(
      _ handOver: ExecTransition, path: [UInt8], parts: TransitionPlan, executable: Int32
    ) throws(Errno) -> Never {
      let start = range.lowerBound
      var next = Cursor(address: start + Self.rest)
      let stackSource = next.take(UInt64(handOver.stack.bytes.count))
      let messages = writeMessages(path, &next)
      let kept = next.take(UInt64(16 * handOver.kept.count))
      pages.write(handOver.kept.flatMap { [$0.lowerBound, $0.upperBound] }, at: kept)
      let calls = next.take(UInt64(handOver.first.count) * Self.callSize)
      let unmapping = next.take(UInt64(Self.unmappings) * Self.callSize)
      let then = next.take(UInt64(handOver.then.count) * Self.callSize)
      pages.write(words(handOver.first, at: calls, messages), at: calls)
      pages.write(words(handOver.then, at: then, messages), at: then)
      writeStructures(path, parts, handOver.stack, at: stackSource, executable)
      pages.write(handOver.stack.bytes, at: stackSource)
      let isI386 = handOver.wordSize == .four
      pages.write(
        [
          calls, next.address, stackSource, handOver.stack.stackPointer, UInt64(handOver.stack.bytes.count),
          handOver.stack.stackPointer, handOver.entry,
          handOver.gadget ?? start + UInt64(linux_transition_return_offset()),
          isI386 ? Self.munmapOfI386 : UInt64(linux_call_munmap), start, UInt64(range.count),
          NativeABI.transitionFeatures,
          isI386 ? Self.codeSegmentOfI386 : 0,
        ], at: start + Self.work)
      try pages.layCode(Self.code, at: start)
      let list = next.take(UInt64(Self.listSize))
      // SAFETY: all addresses are in the scratch memory, which stays until the code's own last call.
      var plan = unsafe linux_transition_unmapping(
        kept: UnsafePointer(bitPattern: UInt(kept)), kept_count: handOver.kept.count,
        calls: UnsafeMutablePointer(bitPattern: UInt(unmapping)), capacity: Self.unmappings,
        text: UnsafeMutablePointer(bitPattern: UInt(list)), text_size: Self.listSize)
      let result = unsafe linux_transition_run(
        UnsafeRawPointer(bitPattern: UInt(start)), UnsafePointer(bitPattern: UInt(start + Self.work)), &plan)
      throw Errno(rawValue: -result)
    }

    private func writeStructures(
      _ path: [UInt8], _ parts: TransitionPlan, _ stack: InitialStack, at stackSource: UInt64, _ executable: Int32
    ) {
      let name = path.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
      pages.write([1 /* SIG_IGN */, 0, 0, 0], at: addresses.ignoringAction)
      pages.write([0, 2 /* SS_DISABLE */, 0], at: addresses.disabledStack)
      pages.write(Array(name.prefix(15)) + [0], at: addresses.name)
      let vector = stackSource + stack.auxiliaryVector.lowerBound - stack.stackPointer
      for (address, file) in [(addresses.memoryMap, -1), (addresses.memoryMapWithExecutable, executable)] {
        pages.write(parts.memoryMap(stack, vector: vector, executable: file), at: address)
      }
    }

    /// Writes the messages and returns their addresses by their numbers: first the fatal ones, then the others.
    private func writeMessages(_ path: [UInt8], _ next: inout Cursor) -> [UInt64] {
      ExecTransition.Message.allCases.map { message in
        let text = message.text(path)
        let address = next.take(UInt64(Self.messageSize(text)))
        pages.write([UInt64(text.count), 0], at: address)
        pages.write(text, at: address + 16)
        return address
      }
    }

    /// The size of the structure, with space for the number after the text.
    private static func messageSize(_ text: [UInt8]) -> Int {
      16 + (text.count + 15) / 8 * 8
    }

    /// The corresponding kernel constants are `__NR_munmap` of i386 and `__USER32_CS`.
    private static let munmapOfI386: UInt64 = 91
    private static let codeSegmentOfI386: UInt64 = 0x23

    private static var code: [UInt8] {
      // SAFETY: the code's own bounds, in this program's text.
      unsafe Array(UnsafeRawBufferPointer(start: linux_transition_code(), count: linux_transition_code_size()))
    }

    /// The calls as an array of `struct linux_transition_call` at `start`.
    private func words(_ calls: [Call], at start: UInt64, _ messages: [UInt64]) -> [UInt64] {
      var result: [UInt64] = []
      result.reserveCapacity(calls.count * Int(Self.callSize) / 8)
      for (position, call) in calls.enumerated() {
        result.append(UInt64(call.number))
        for index in 0..<6 { result.append(index < call.arguments.count ? call.arguments[index] : 0) }
        result.append(address(of: call.failure, messages))
        for count in [call.skipsOnZero, call.skipsOnPositive, call.skipsOnFailure] {
          result.append(UInt64(count) * Self.callSize)
        }
        let receiver = start + UInt64(position + Int(call.resultGoesTo)) * Self.callSize
        // The first argument follows the number.
        result.append(call.resultGoesTo == 0 ? 0 : receiver + 8)
      }
      return result
    }

    private func address(of failure: Failure, _ messages: [UInt64]) -> UInt64 {
      switch failure {
      case .ignored: return 0
      case .told(let message): return messages[message.rawValue]
      case .fatal(let message):
        pages.write([1 as UInt64], at: messages[message.rawValue] + 8)
        return messages[message.rawValue]
      }
    }
  }

  /// Allocates parts of memory one behind the other, each at a multiple of 16.
  private struct Cursor {
    var address: UInt64

    mutating func take(_ byteCount: UInt64) -> UInt64 {
      defer { address += byteCount.roundedUp(to: 16) }
      return address
    }
  }
}
