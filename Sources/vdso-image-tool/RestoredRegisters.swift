// SPDX-License-Identifier: Apache-2.0

/// What the compiler leaves out of i386's unwind table: that a register which has been popped is the caller's again.
///
/// Its table goes on to say where on the stack the register was saved. There is no red zone on i386: as soon as that place is below
/// the stack pointer, a signal's frame covers it, and unwinding out of the handler restores a wrong value. Backtraces need none of these
/// registers and don't notice; an exception's landing pad does. x86_64's red zone keeps such places; the other architectures'
/// compilers say what is restored.
enum RestoredRegisters {
  /// The function's `lines` with the rules that are missing.
  static func declared(in lines: [Substring]) -> [Substring] {
    // Where the stack pointer is, below the frame's address, and where registers are saved.
    var depth = 4
    var saved: [Substring: (depth: Int, rule: Substring)] = [:]
    var restored: [Substring] = []
    var hasLeft = false
    // Whether the frame's address is told by the frame pointer: then the stack pointer's moves don't change it, and only pops of an
    // instruction's own address, which rules of their own surround, restore no register.
    var isFramed = false
    var isOwnAddress = false
    var result: [Substring] = []
    for line in lines {
      if isFramed, line.hasPrefix("\t.cfi_adjust_cfa_offset") {
        isOwnAddress = !isOwnAddress
        continue
      }
      result.append(line)
      let words = line.split { $0 == "\t" || $0 == " " || $0 == "," }
      guard let first = words.first, words.count > 1 || first == "retl" else { continue }
      switch first {
      case ".cfi_offset": saved[words[1]] = (-(Int(words[2]) ?? 0), line)
      case ".cfi_adjust_cfa_offset": depth += Int(words[1]) ?? 0
      case ".cfi_def_cfa_register": isFramed = true
      case ".cfi_def_cfa":
        isFramed = words[1] == "%ebp"
        depth = Int(words[2]) ?? 0
        guard isFramed, hasLeft else { break }
        result += restored.compactMap { saved[$0]?.rule }
        restored = []
        hasLeft = false
      case "popl" where isFramed && !isOwnAddress && saved[words[1]] != nil:
        result.append("\t.cfi_restore \(words[1])")
        restored.append(words[1])
      // Of other pops, one is of the instruction's own address.
      case "popl" where !isFramed && saved[words[1]]?.depth == depth:
        result.append("\t.cfi_restore \(words[1])")
        restored.append(words[1])
      case "retl", "jmp": hasLeft = true
      case ".cfi_def_cfa_offset":
        depth = Int(words[1]) ?? 0
        guard hasLeft else { break }
        // Behind an end of the function, where all is saved as before.
        result += restored.compactMap { saved[$0]?.rule }
        restored = []
        hasLeft = false
      default: break
      }
    }
    return result
  }
}
