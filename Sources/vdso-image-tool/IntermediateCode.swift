// SPDX-License-Identifier: Apache-2.0

/// Changes to LLVM's intermediate code that the Swift compiler has no options for.
enum IntermediateCode {
  /// Returns `code` as a page needs it.
  ///
  /// - Every function asks for an unwind table that is right at each instruction, which targets without an operating system don't
  ///   get by themselves, and for a frame pointer where it calls another one. Profilers follow the chain of frames through it.
  /// - Functions that no other file calls become internal and pass their arguments in registers (on i386 as well).
  /// - Mangled names lose their dollar sign, which RISC-V's assembler takes for something else.
  /// - i386 gets by without vector registers: a processor of that architecture need not have any. Nor does a variable there
  ///   need an alignment beyond the stack's, which would cost a frame pointer.
  /// - Nothing is kept for a runtime's sake: the linker drops what the page does not call.
  static func adjusted(_ code: String, for target: GuestTarget) -> String {
    code.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("@llvm.used") && !$0.hasPrefix("@llvm.compiler.used") && !$0.contains("\"PIC Level\"") }
      .map { adjusted(line: String($0), for: target) }
      .joined(separator: "\n")
  }

  private static func adjusted(line: String, for target: GuestTarget) -> String {
    var line = line.replacing("\"$e", with: "\"_e")
    if line.hasPrefix("attributes #") {
      line = line.replacing("{", with: "{ uwtable", maxReplacements: 1)
        .replacing(" minsize ", with: " ")
        .replacing(#/"frame-pointer"="[a-z-]*"/#, with: "")
    }
    if line.hasPrefix("define ") {
      line = line.replacing(" #", with: " \"frame-pointer\"=\"\(framePointer(line, target))\" #", maxReplacements: 1)
    }
    if target.architecture == "i386" {
      line = line.replacing(
        #/"target-cpu"="[^"]*" "target-features"="[^"]*"/#,
        with: "\"target-cpu\"=\"i686\" \"target-features\"=\"+cmov,+cx8\"")
      if line.contains(" = alloca ") { line = line.replacing(", align 16", with: ", align 4") }
    }
    if target.architecture == "aarch64", line.hasPrefix("attributes #") {
      // The platform's register: programs with a shadow call stack keep its address there.
      line = line.replacing(#/"target-features"="/#, with: "\"target-features\"=\"+reserve-x18,")
    }
    if line.hasPrefix("!llvm.module.flags") {
      line = "!llvm.module.flags = !{}"
    }
    if line.contains("@\"_e4VDSO") {
      line = line.replacing(#/define protected (swiftcc )?/#, with: "define internal fastcc ")
        .replacing(#/call (swiftcc )?/#, with: "call fastcc ")
        .replacing("i32 @\"_e4VDSO", with: "\(target.resultAttribute)i32 @\"_e4VDSO")
    }
    return line
  }

  /// What becomes of the frame pointer in the function that `line` defines: it is set, or at least left as it is.
  ///
  /// i386's fast path calls nothing, and would otherwise take the register for a value of its own. The pages of AArch64 and RISC-V
  /// have no room for frames.
  private static func framePointer(_ line: String, _ target: GuestTarget) -> String {
    let isFastPath = target.architecture == "i386" && line.contains("@vdso_clock_gettime64(")
    return isFastPath || ["aarch64", "riscv64"].contains(target.architecture) ? "reserved" : "non-leaf"
  }
}
