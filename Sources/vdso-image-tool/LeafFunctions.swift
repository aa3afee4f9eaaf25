/// Guest functions that never move the stack pointer, taken out of the compiler's assembly.
///
/// In all of them the canonical frame address is where the call left it, so one unwind table entry serves them all: one
/// each would cost a fifth of the page.
struct LeafFunctions {
  /// The leaf functions, one after the other, without section or unwind directives.
  var leaves = ""
  /// All else, unchanged.
  var rest = ""

  /// Splits the assembly `text`, whose functions the compiler puts into sections of their own.
  init(splitting text: String) {
    var function: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let opensFunction = line.hasPrefix("\t.section\t.text.vdso_")
      if opensFunction || !function.isEmpty {
        if opensFunction {
          add(function)
          function = []
        }
        function.append(line)
        if line.hasPrefix("\t.cfi_endproc") {
          add(function)
          function = []
        }
      } else {
        rest += line + "\n"
      }
    }
    add(function)
  }

  private mutating func add(_ function: [Substring]) {
    let unwindDirectives = function.count { $0.hasPrefix("\t.cfi_") }
    let isLeaf = unwindDirectives == 2 && function.last?.hasPrefix("\t.cfi_endproc") == true
    // Exported functions start at a multiple of 16 bytes, and the size of the small ones is rounded up to 16: tools that
    // replace a function overwrite up to that many.
    guard isLeaf else {
      for line in function {
        rest += line + "\n"
        if line.hasPrefix("\t.section\t.text.vdso_") { rest += "\t.balign 16\n" }
      }
      return
    }
    for line in function where !line.hasPrefix("\t.section") && !line.hasPrefix("\t.cfi_") {
      if line.hasPrefix(".Lfunc_end") {
        leaves += "\t.balign 16\n"
      }
      leaves += line + "\n"
    }
  }
}
