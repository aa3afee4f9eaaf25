// SPDX-License-Identifier: Apache-2.0

/// What keeps return addresses off the stack once they were used, on x86.
///
/// A call that has returned leaves its return address below the stack pointer, where it stays in a part of a later frame that isn't
/// written. `detach` would take it for a thread that is still to return to the page. So the stack pointer is stored to that place after each
/// call, which takes the fewest bytes. A function that calls others keeps nothing there, not even in x86_64's red zone.
enum ClearedReturns {
  /// A function's `lines` with the stores.
  static func added(to lines: [Substring]) -> [Substring] {
    var result: [Substring] = []
    let hasFramePointer = lines.contains { $0.hasPrefix("\t.cfi_def_cfa_register") }
    var isAfterCall = false
    for line in lines {
      if isAfterCall {
        // Arguments are removed from the stack by the instruction that removes this word.
        if hasFramePointer, let size = argumentSize(removedBy: line) {
          result += ["\tpushl\t%esp", "\taddl\t$\(size + 4), %esp"]
          isAfterCall = false
          continue
        }
        result.append("\tmovl\t%esp, -4(%esp)")
      }
      isAfterCall = line.hasPrefix("\tcalll\t") && mattersAfter(line)
      result.append(line)
      if line.hasPrefix("\tcallq\t") { result.append("\tmovq\t%rsp, -8(%rsp)") }
    }
    return result
  }

  /// Whether a call in i386 code leaves an address that matters. Nothing returns to a call of the next instruction, by which code finds its own
  /// address, and `detach` knows these calls. System calls leave one, but the page has no space for their stores, and they are rare: the
  /// page makes them for clocks that it hasn't, and in time namespaces.
  private static func mattersAfter(_ call: Substring) -> Bool {
    !call.hasPrefix("\tcalll\t.L") && !call.hasPrefix("\tcalll\tvdso_kernel_vsyscall")
  }

  /// The size of the arguments that an instruction removes from i386's stack; nil if it is another one.
  private static func argumentSize(removedBy line: Substring) -> Int? {
    guard line.hasPrefix("\taddl\t$"), line.hasSuffix(", %esp") else { return nil }
    return Int(line.dropFirst("\taddl\t$".count).dropLast(", %esp".count))
  }
}
