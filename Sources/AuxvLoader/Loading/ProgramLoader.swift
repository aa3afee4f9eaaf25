public import ELF
import Glibc

/// Starts programs in the place of this process, as execve does, with a vDSO of the caller's choice.
///
/// The process keeps its id, open files, ignored signals and signal mask, and gets a new memory, stack and name; what
/// execve resets is reset. It must have one thread, and no signal handler that asks for the time. x86_64 and i386 programs,
/// static or dynamic, at fixed addresses or not.
public enum ProgramLoader {
  /// Replaces this process by the program, or throws, and then nothing has happened.
  ///
  /// Buffered output of this program is lost: flush it before. `compatibility` is what `compatibilityVDSO(for:)` returned,
  /// where the caller has asked for it. `willEnter` is shown the stack that the program starts on, when all is ready.
  public static func start(
    _ invocation: ProgramInvocation, vdso: VDSOPlacement = .kernel, compatibility: CompatibilityVDSO? = nil,
    willEnter: (InitialStack) -> Void = { _ in }
  ) throws(LoadError) -> Never {
    let personality = Personality.current
    personality.settingReadImpliesExecute(to: false).adopt()
    do throws(LoadError) {
      try load(invocation, vdso, compatibility, personality, willEnter)
    } catch {
      personality.adopt()
      throw error
    }
  }

  /// The machine that a program is for, its interpreter's where it is a script.
  public static func machine(of invocation: ProgramInvocation) throws(LoadError) -> Machine {
    ProgramABI(prefix: try ProgramSource(invocation).file.prefix).machine
  }

  /// The path of the file that is really executed: for a script its interpreter's.
  public static func imagePath(of invocation: ProgramInvocation) throws(LoadError) -> [UInt8] {
    try ProgramSource(invocation).file.path
  }

  /// The kernel's vDSO that an i386 program will see, or nil for a 64-bit program, which sees the one of this process.
  public static func compatibilityVDSO(for invocation: ProgramInvocation) throws(LoadError) -> CompatibilityVDSO? {
    try compatibilityVDSO(for: ProgramSource(invocation).file)
  }

  private static func compatibilityVDSO(for file: borrowing ProgramFile) throws(LoadError) -> CompatibilityVDSO? {
    guard let bases = ProgramABI(prefix: file.prefix).otherBases else { return nil }
    do throws(KernelError) {
      return try CompatibilityVDSO.probe(at: bases.kernelVDSO)
    } catch {
      throw file.error(
        .process("the kernel gives it no 32-bit vDSO (\(error.text)): use a 64-bit build of the program"))
    }
  }

  private static func load(
    _ invocation: ProgramInvocation, _ vdso: VDSOPlacement, _ compatibility: CompatibilityVDSO?,
    _ personality: Personality, _ willEnter: (InitialStack) -> Void
  ) throws(LoadError) -> Never {
    let source = try ProgramSource(invocation)
    let path = source.executablePath
    let arguments = source.arguments
    let abi = ProgramABI(prefix: source.file.prefix)
    let compatibility =
      if let compatibility { compatibility } else { try compatibilityVDSO(for: source.file) }
    let program = try ProgramImage(source.file, machine: abi.machine, limits: limits(abi))
    let interpreter = try ProgramImage.interpreter(of: program, limits: limits(abi))
    var process = try ProcessMemoryLayout(neededFor: program)
    var stack = OwnedPages()
    if let compatibility, let bases = abi.otherBases {
      process = process.compatible(stack: try mapStack(at: bases.stackEnd, in: &stack, program), vdso: compatibility)
      // As execve leaves it to i386 programs. From here on, memory that is mapped readable may become executable.
      personality.settingReadImpliesExecute(to: personality.readImpliesExecute || !program.plan.statesItsStack).adopt()
    }
    var mapping = try ProgramMapping(program, base: abi.programBase, pageSize: pageSize)
    var linker = try interpreterMapping(interpreter, base: abi.otherBases?.interpreter)
    do throws(KernelError) {
      try enter(
        &mapping, &linker, &stack, process, vdso,
        Invocation(
          path: path, arguments: arguments, environment: invocation.environment,
          executable: program.file.file.descriptor, abi: abi), willEnter)
    } catch {
      throw program.file.error(.file(errno: error.number))
    }
  }

  private static func mapStack(
    at end: BaseAddress, in pages: inout OwnedPages, _ program: borrowing ProgramImage
  ) throws(LoadError) -> Range<UInt64> {
    do throws(KernelError) {
      return try pages.add(
        byteCount: initialStackSize, near: end, endsThere: true, protection: PROT_READ | PROT_WRITE,
        flags: MAP_GROWSDOWN | MAP_STACK)
    } catch {
      throw program.file.error(.outOfMemory(bytes: initialStackSize))
    }
  }

  /// What the program will see of its start.
  struct Invocation {
    var path: [UInt8]
    var arguments: [[UInt8]]
    var environment: [[UInt8]]
    /// The open file of the program.
    var executable: Int32
    var abi: ProgramABI
  }

  private static func interpreterMapping(
    _ interpreter: borrowing ProgramImage?, base: BaseAddress?
  ) throws(LoadError) -> ProgramMapping? {
    switch interpreter {
    case .some(let image): try ProgramMapping(image, base: base, pageSize: pageSize)
    case .none: nil
    }
  }

  private static func enter(
    _ program: inout ProgramMapping, _ linker: inout ProgramMapping?, _ newStack: inout OwnedPages,
    _ process: ProcessMemoryLayout, _ vdso: VDSOPlacement, _ invocation: Invocation,
    _ willEnter: (InitialStack) -> Void
  ) throws(KernelError) -> Never {
    let parts = StartParts(program: program, linkerBase: linker?.bias, linkerEntry: linker?.entry)
    let stack = try process.stack(parts, vdso, invocation)
    let state = ProcessState.current()
    var kept = program.pages + (linker?.pages ?? []) + process.kernelPages + [process.stackRange]
    if case .mapped(_, let pages) = vdso { kept.append(pages) }
    var scratch = try HandOver.Scratch(
      callCount: 128 + 4 * kept.count, stackSize: stack.bytes.count, at: invocation.abi.otherBases?.handOver)
    kept.append(scratch.range)
    let stale = process.stalePages(below: stack.stackPointer)
    let calls =
      HandOver.reset(state, scratch.addresses)
      + executableStack(parts, process)
      + HandOver.memory(keeping: kept, staleStack: stale, scratch.addresses)
      + (process.kernelVDSO.map { [$0.mapping] } ?? [])
      + HandOver.last(closing: state.closingDescriptors)
    var executable = program.executablePages + (linker?.executablePages ?? [])
    if case .mapped(let header, _) = vdso { executable.insert(header..<header + pageSize, at: 0) }
    let handOver = HandOver(
      calls: calls, stack: stack, entry: linker?.entry ?? program.entry,
      gadget: HandOver.gadget(in: executable, invocation.abi.wordSize),
      wordSize: invocation.abi.wordSize)
    willEnter(stack)
    program.release()
    newStack.release()
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

  /// What is mapped of a new stack at first: it grows when it is written to. The corresponding kernel constant is
  /// `stack_expand`, and a page.
  private static let initialStackSize: UInt64 = 0x2_1000

  static func limits(_ abi: ProgramABI) -> LoadPlan.Limits {
    let memory = (try? Kernel.limit(RLIMIT_AS)) ?? .max
    return LoadPlan.Limits(pageSize: pageSize, addresses: abi.addresses, memory: memory)
  }
}
