// SPDX-License-Identifier: Apache-2.0

/// Takes the guest's functions out of the compiler's assembly, so that they can share one unwind table entry.
///
/// A separate entry would cost 25 bytes for each function, a tenth of the page in all. Between two functions, the rules of the shared entry
/// return to those at a function's start.
struct JoinedFunctions {
  /// The guest's functions: those of each gap, and the others.
  var gaps: [String]
  var functions = ""
  /// Everything else, unchanged: code that the compiler made for a runtime, which the page doesn't have.
  var rest = ""
  /// The first function with an instruction by which Swift crashes a program; a page must not contain one.
  var trap: String?

  /// Splits the assembly `text`, in which the compiler has put each function into a section of its own. `gaps` names the functions for each
  /// gap, by the beginnings of their names.
  init(in text: String, gaps: [[String]]) {
    var placed: [Int: [Function]] = [:]
    var lines: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("\t.section\t.text.vdso_") || line.hasPrefix("\t.section\t.text._e4VDSO") {
        lines = [line]
      } else if lines.isEmpty {
        rest += line + "\n"
      } else if line.hasPrefix("\t.cfi_endproc") {
        let function = Function(lines)
        if trap == nil && function.traps { trap = String(function.name) }
        let gap = gaps.firstIndex { $0.contains { function.name.hasPrefix($0) } } ?? gaps.count
        placed[gap, default: []].append(function)
        lines = []
      } else {
        lines.append(line)
      }
    }
    let texts = (0...gaps.count).map { gap in
      "\t.balign 16, 0\n" + placed[gap, default: []].map(\.text).joined()
    }
    self.gaps = Array(texts.dropLast())
    functions = texts[gaps.count]
  }
}

/// One function in the compiler's assembly.
private struct Function {
  var name: Substring
  private var lines: [Substring]

  /// `lines` goes from the directive that opens the function's section to the line before `.cfi_endproc`.
  init(_ lines: [Substring]) {
    name = lines[0].dropFirst("\t.section\t.text.".count).prefix { $0 != "," }
    self.lines = lines.filter { !$0.hasPrefix("\t.section") && !$0.hasPrefix("\t.cfi_startproc") }
  }

  /// Whether it has the instruction of a failed check: x86's, AArch64's or RISC-V's.
  var traps: Bool {
    lines.contains { line in ["\tud2", "\tbrk", "\tunimp", "\tebreak"].contains { line.hasPrefix($0) } }
  }

  /// Whether it never moves the stack pointer.
  private var isLeaf: Bool { !lines.contains { $0.hasPrefix("\t.cfi_") } }

  /// The function's assembly. Exported functions start at a multiple of 16 bytes, and the size of small ones is rounded up to
  /// 16: tools that replace a function overwrite up to that many.
  var text: String {
    let isExported = name.hasPrefix("vdso_")
    var text = isExported ? "\t.balign 16\n" : ""
    if !isLeaf { text += "\t.cfi_remember_state\n" }
    for line in ClearedReturns.added(to: RestoredRegisters.declared(in: lines)) {
      if isExported && isLeaf && line.hasPrefix(".Lfunc_end") { text += "\t.balign 16\n" }
      text += line + "\n"
    }
    if !isLeaf { text += "\t.cfi_restore_state\n" }
    return text
  }
}
