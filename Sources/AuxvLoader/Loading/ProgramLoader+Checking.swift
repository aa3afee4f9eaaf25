import ELF

extension ProgramLoader {
  /// Throws what is wrong with a program's files, or its interpreter's, as far as it shows without loading them.
  public static func check(_ invocation: ProgramInvocation) throws(LoadError) {
    let source = try ProgramSource(invocation)
    let abi = ProgramABI(prefix: source.file.prefix)
    let program = try ProgramImage(source.file, machine: abi.machine, limits: limits(abi))
    _ = try ProgramImage.interpreter(of: program, limits: limits(abi))
  }
}
