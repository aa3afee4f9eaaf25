// SPDX-License-Identifier: Apache-2.0

/// Changes to LLVM's intermediate code that the Swift compiler has no options for.
enum IntermediateCode {
  /// Returns `code` as a page needs it.
  ///
  ///
  /// - Every function gets an unwind table that is correct at each instruction, which targets without an operating system don't have by
  ///   default, and a frame pointer if it calls another function. Profilers follow the chain of frames through it.
  /// - Functions that no other file calls become internal, and pass their arguments in registers, also on i386.
  /// - Mangled names lose their dollar sign, which RISC-V's assembler would misread.
  /// - i386 code uses no vector registers, because a processor of that architecture need not have any. Variables there need no alignment
  ///   beyond the stack's, which would cost a frame pointer.
  /// - Nothing is kept for a runtime: the linker drops everything that the page doesn't call.
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
      // The platform register is reserved: programs with a shadow call stack keep its address there.
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

  /// The frame pointer's treatment in the function that `line` defines: the function sets it, or at least leaves it unchanged.
  ///
  /// i386's fast path calls nothing, and would otherwise use the register for a value of its own. The pages of AArch64 and RISC-V have no
  /// space for frames.
  private static func framePointer(_ line: String, _ target: GuestTarget) -> String {
    let isFastPath = target.architecture == "i386" && line.contains("@vdso_clock_gettime64(")
    return isFastPath || ["aarch64", "riscv64"].contains(target.architecture) ? "reserved" : "non-leaf"
  }
}
