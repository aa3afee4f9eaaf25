import ELF
import Glibc

/// Starts programs in the place of this process, as execve does, with a vDSO of the caller's choice.
///
/// The process keeps its id, open files, ignored signals and signal mask, and gets a new memory, stack and name; what
/// execve resets is reset. It must have one thread. x86_64 programs, static or dynamic, at fixed addresses or not.
public enum ProgramLoader {
  /// Replaces this process by the program, or throws, and then nothing has happened.
  ///
  /// Buffered output of this program is lost: flush it before.
  public static func start(_ invocation: ProgramInvocation, vdso: VDSOPlacement = .kernel) throws(LoadError) -> Never {
    let personality = Personality.clearReadImpliesExecute()
    do throws(LoadError) {
      try load(invocation, vdso)
    } catch {
      personality.restore()
      throw error
    }
  }

  private static func load(_ invocation: ProgramInvocation, _ vdso: VDSOPlacement) throws(LoadError) -> Never {
    let source = try ProgramSource(invocation)
    let path = source.executablePath
    let arguments = source.arguments
    let program = try ProgramImage(source.file, machine: .x86_64, limits: limits)
    let interpreter = try ProgramImage.interpreter(of: program, limits: limits)
    let process = try ProcessMemoryLayout(neededFor: program)
    var mapping = try ProgramMapping(program, base: BaseAddress(isRandom: true), pageSize: pageSize)
    var linker = try interpreterMapping(interpreter)
    do throws(KernelError) {
      try enter(
        &mapping, &linker, process, vdso,
        Invocation(
          path: path, arguments: arguments, environment: invocation.environment,
          executable: program.file.file.descriptor))
    } catch {
      throw program.file.error(.file(errno: error.number))
    }
  }

  /// What the program will see of its start.
  struct Invocation {
    var path: [UInt8]
    var arguments: [[UInt8]]
    var environment: [[UInt8]]
    /// The open file of the program.
    var executable: Int32
  }

  private static func interpreterMapping(
    _ interpreter: borrowing ProgramImage?
  ) throws(LoadError) -> ProgramMapping? {
    switch interpreter {
    case .some(let image): try ProgramMapping(image, base: nil, pageSize: pageSize)
    case .none: nil
    }
  }

  private static func enter(
    _ program: inout ProgramMapping, _ linker: inout ProgramMapping?, _ process: ProcessMemoryLayout,
    _ vdso: VDSOPlacement, _ invocation: Invocation
  ) throws(KernelError) -> Never {
    let parts = StartParts(program: program, linkerBase: linker?.bias, linkerEntry: linker?.entry)
    let stack = try process.stack(parts, vdso, invocation)
    let state = ProcessState.current()
    var kept = program.pages + (linker?.pages ?? []) + process.kernelPages + [process.stackRange]
    if case .mapped(_, let pages) = vdso { kept.append(pages) }
    var scratch = try HandOver.Scratch(callCount: 128 + 4 * kept.count, stackSize: stack.bytes.count)
    kept.append(scratch.range)
    let stale = process.stackRange.lowerBound..<stack.stackPointer.roundedDown(to: pageSize)
    let calls =
      HandOver.reset(state, scratch.addresses)
      + executableStack(parts, process)
      + HandOver.memory(keeping: kept, staleStack: stale, scratch.addresses)
      + HandOver.last(closing: state.closingDescriptors)
    var executable = program.executablePages + (linker?.executablePages ?? [])
    if case .mapped(let header, _) = vdso { executable.insert(header..<header + pageSize, at: 0) }
    let handOver = HandOver(
      calls: calls, stack: stack, entry: linker?.entry ?? program.entry, gadget: HandOver.gadget(in: executable))
    program.release()
    linker?.release()
    try scratch.run(
      handOver, name: invocation.path.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? [],
      parts: parts, executable: invocation.executable)
  }

  private static func executableStack(_ parts: StartParts, _ process: ProcessMemoryLayout) -> [HandOver.Call] {
    guard parts.stackIsExecutable else { return [] }
    return [
      HandOver.Call(
        name: .mprotect, number: HandOver.mprotectNumber,
        arguments: [
          process.stackRange.lowerBound, UInt64(process.stackRange.count),
          UInt64(PROT_READ | PROT_WRITE | PROT_EXEC),
        ])
    ]
  }

  static let pageSize: UInt64 = 4096

  private static var limits: LoadPlan.Limits {
    let memory = (try? Kernel.limit(RLIMIT_AS)) ?? .max
    return LoadPlan.Limits(pageSize: pageSize, addresses: 0x1_0000..<0x7fff_ffff_f000, memory: memory)
  }
}
