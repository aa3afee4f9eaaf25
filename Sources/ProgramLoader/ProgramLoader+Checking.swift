// SPDX-License-Identifier: Apache-2.0

import ELF

extension ProgramLoader {
  /// Throws what is wrong with a program's files, or its interpreter's, as far as it shows without loading them.
  public static func check(_ invocation: ProgramInvocation) throws(LoadError) {
    let source = try ProgramSource(invocation)
    let abi = ProgramABI(prefix: source.file.prefix)
    try ArgumentLimits.check(source.arguments, invocation.environment, for: source.file)
    let program = try ProgramImage(source.file, abi: abi)
    _ = try ProgramImage.interpreter(of: program, abi: abi)
  }
}
