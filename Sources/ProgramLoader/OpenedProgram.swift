// SPDX-License-Identifier: Apache-2.0

/// A program whose file is open, and checked as far as its first bytes allow. The file that is looked at is the one that is loaded, even if
/// another one takes its name meanwhile. It is closed with the object.
public final class OpenedProgram {
  /// The kernel's vDSO that an i386 program will see; nil for a 64-bit program, which sees the one of this process.
  public let compatibility: CompatibilityVDSO?
  let environment: [[UInt8]]
  private var source: ProgramSource?

  /// Follows PATH and `#!` lines, and opens the file that is really executed. Throws if it may not be executed.
  public init(_ invocation: ProgramInvocation) throws(LoadError) {
    let source = try ProgramSource(invocation)
    compatibility = try ProgramLoader.compatibilityVDSO(for: source.file)
    environment = invocation.environment
    self.source = consume source
  }

  /// The file, which is the caller's from then on. It can be taken once.
  func takeSource() -> ProgramSource { source.take()! }
}
