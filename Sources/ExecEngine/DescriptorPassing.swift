// SPDX-License-Identifier: Apache-2.0

package import AuxvLoader
import CLinux
package import ELF

/// How a task gets a descriptor without an intercepted call: it makes a pair of sockets and stops, the supervisor sends the descriptor
/// through a copy of the first socket, and the task receives it from the second.
package struct DescriptorPassing {
  // These constants are the same on every supported architecture.
  package static let (unix, streamClosedOnExec, dontWait): (UInt64, UInt64, UInt64) = (1, 0x80001, 0x40)

  /// The address of the two sockets' descriptor numbers, of 4 bytes each.
  package let sockets: UInt64
  /// The address of the received descriptor's number, which is -1 until there is one.
  package let received: UInt64
  package let message: UInt64

  /// Lays out the data that the calls read and write.
  package init(_ width: ELFClass, in data: inout TaskData) {
    func words(_ values: [UInt64]) -> [UInt8] {
      var bytes: [UInt8] = []
      for value in values { width.append(value, to: &bytes) }
      return bytes
    }
    let none = [UInt8](repeating: 0xff, count: 8)
    sockets = data.append(none)
    let word = data.append(none)
    // A struct cmsghdr: a length of one word, two of 4 bytes, and the number.
    let headerSize = width.wordSize + 8
    let control = data.append([UInt8](repeating: 0, count: headerSize) + none)
    received = control + UInt64(headerSize)
    let vector = data.append(words([word, 4]))
    // A struct msghdr; a length or flags of 4 bytes fill a word.
    message = data.append(words([0, 0, vector, 1, control, UInt64(headerSize + width.wordSize), 0]))
  }

  /// Adds the calls to a list. `stop` adds the call that stops the task; after it the task receives the descriptor.
  func add(to list: inout InjectedCalls, _ numbers: CallNumbers, stop: (inout InjectedCalls) -> InjectedCalls.Result)
    -> InjectedCalls.Result
  {
    list.call(
      numbers.socketpair, .value(Self.unix), .value(Self.streamClosedOnExec), .value(0), .value(sockets))
    let asking = stop(&list)
    list.call(numbers.recvmsg, .memory(sockets + 4), .value(message), .value(Self.dontWait))
    return asking
  }

  /// Adds the calls that close the sockets, whether they were made or not.
  func addClosing(to list: inout InjectedCalls, _ numbers: CallNumbers) {
    list.call(numbers.close, .memory(sockets), isEssential: false)
    list.call(numbers.close, .memory(sockets + 4), isEssential: false)
  }

  /// Sends a copy of `descriptor` to a task that stopped for it.
  package func send(_ descriptor: Int32, to task: Int32, _ memory: ProcessMemory) {
    guard let number = ByteOrder.littleEndian.word(UInt32.self, in: memory.bytes(at: sockets, count: 4), at: 0) else {
      return
    }
    let handle = linux_process_descriptor(task)
    guard handle >= 0 else { return }
    defer { linux_close(handle) }
    let socket = linux_descriptor_of(handle, Int32(bitPattern: number))
    guard socket >= 0 else { return }
    defer { linux_close(socket) }
    _ = linux_send_word(socket, 0, descriptor)
  }
}
