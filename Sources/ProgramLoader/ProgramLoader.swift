// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
public import ELF
import Glibc

/// Starts programs in the place of this process, as execve does, with a vDSO of the caller's choice.
///
/// The process keeps its id, open files, ignored signals and signal mask, and gets new memory, a new stack and a new name. Everything that
/// execve resets is reset. The process must have one thread, and no signal handler that reads a clock. It can start programs for this
/// machine, and i386 programs on x86_64, static or dynamic, at fixed addresses or not.
public enum ProgramLoader {
  /// Replaces this process by the program, or throws, and then nothing has happened.
  ///
  /// Flush buffered output before, because it is lost. The program is started once. `willEnter` gets the stack that it starts on, when
  /// everything is ready. `isNew` says that this process was started by execve to load the program, and has since made no timer, changed no
  /// signal's action, and had fewer than 16 descriptors of its own open at a time: then the loader doesn't look for these.
  public static func start(
    _ program: OpenedProgram, vdso: ProgramVDSO = .kernel, isNew: Bool = false,
    willEnter: (InitialStack) -> Void = { _ in }
  ) throws(LoadError) -> Never {
    let personality = Personality.current
    personality.settingReadImpliesExecute(to: false).adopt()
    do throws(LoadError) {
      try load(program, vdso, personality, isNew, willEnter)
    } catch {
      personality.adopt()
      throw error
    }
  }

  /// Throws if anything is wrong with a program's files, or its interpreter's, as far as it can be found out without loading them.
  public static func check(_ invocation: ProgramInvocation) throws(LoadError) {
    let source = try ProgramSource(invocation)
    let abi = ProgramABI(prefix: source.file.prefix)
    try ArgumentLimits.check(source.arguments, invocation.environment, for: source.file)
    let program = try ProgramImage(source.file, abi: abi)
    _ = try ProgramImage.interpreter(of: program, abi: abi)
  }

  /// The invocation of /bin/sh that executes a script without `#!`, as `execvp` does where the kernel gives ENOEXEC; nil for other programs.
  public static func shellInvocation(of invocation: ProgramInvocation) throws(LoadError) -> ProgramInvocation? {
    let source = try ProgramSource(invocation, isExecuted: false)
    guard source.isForShell else { return nil }
    return ProgramInvocation(
      program: source.executablePath, arguments: source.arguments, environment: invocation.environment,
      searchPath: invocation.searchPath)
  }

  /// The machine of a program; for a script, of its interpreter.
  public static func machine(of invocation: ProgramInvocation) throws(LoadError) -> Machine {
    ProgramABI(prefix: try ProgramSource(invocation).file.prefix).machine
  }

  /// The path of the file that is really executed; for a script, of its interpreter. Whether it may be executed isn't checked.
  public static func imagePath(of invocation: ProgramInvocation) throws(LoadError) -> [UInt8] {
    try ProgramSource(invocation, isExecuted: false).file.path
  }

  static func compatibilityVDSO(for file: borrowing ProgramFile) throws(LoadError) -> CompatibilityVDSO? {
    guard let bases = ProgramABI(prefix: file.prefix).otherBases else { return nil }
    do throws(Errno) {
      return try CompatibilityVDSO.probe(at: bases.kernelVDSO)
    } catch {
      throw file.error(
        .process("the kernel gives it no 32-bit vDSO (\(error)): use a 64-bit build of the program"))
    }
  }

  private static func load(
    _ opened: OpenedProgram, _ vdso: ProgramVDSO, _ personality: Personality, _ isNew: Bool,
    _ willEnter: (InitialStack) -> Void
  ) throws(LoadError) -> Never {
    let (environment, compatibility) = (opened.environment, opened.compatibility)
    let source = opened.takeSource()
    let path = source.executablePath
    let arguments = source.arguments
    let threads = Int(linux_thread_count())
    guard threads == 1 else { throw source.file.error(.otherThreads(count: threads)) }
    let abi = ProgramABI(prefix: source.file.prefix)
    try ArgumentLimits.check(arguments, environment, for: source.file)
    let program = try ProgramImage(source.file, abi: abi)
    let interpreter = try ProgramImage.interpreter(of: program, abi: abi)
    var process = try ProcessMemoryLayout(neededFor: program)
    var stack = MappingGuard()
    if let compatibility, let bases = abi.otherBases {
      process = process.compatible(
        stack: try mapStack(at: bases.stackEnd, in: &stack, program), vdso: compatibility)
      // execve sets this for such i386 programs. From here on, memory that is mapped readable may become executable.
      personality.settingReadImpliesExecute(to: personality.readImpliesExecute || !program.plan.statesItsStack).adopt()
    }
    let taken = process.stayingPages(with: vdso)
    var mapping = try ProgramMapping(program, base: abi.programBase, avoiding: taken, pageSize: pageSize)
    var linker = try interpreterMapping(interpreter, base: abi.otherBases?.interpreter, avoiding: taken, mapping)
    let entry = linker?.entry ?? mapping.entry
    guard entry < abi.addressesEnd else { throw program.file.error(.entryOutOfRange(entry)) }
    do throws(Errno) {
      try enter(
        &mapping, &linker, &stack, process, vdso,
        Invocation(
          path: path, arguments: arguments, environment: environment,
          executable: program.file.file.descriptor, abi: abi, isNew: isNew), willEnter)
    } catch {
      throw program.file.error(error == .argumentListTooLong ? ArgumentLimits.stackTooSmall : .lastSteps(errno: error))
    }
  }

  private static func mapStack(
    at end: BaseAddress, in pages: inout MappingGuard, _ program: borrowing ProgramImage
  ) throws(LoadError) -> Range<UInt64> {
    do throws(Errno) {
      return try pages.add(
        byteCount: initialStackSize, near: end, endsThere: true, avoiding: program.plan.fixedPages,
        protection: PROT_READ | PROT_WRITE, flags: MAP_GROWSDOWN | MAP_STACK)
    } catch {
      throw program.file.error(.outOfMemory(bytes: initialStackSize))
    }
  }

  /// The invocation as the program will see it.
  struct Invocation {
    var path: [UInt8]
    var arguments: [[UInt8]]
    var environment: [[UInt8]]
    /// The open file of the program.
    var executable: Int32
    var abi: ProgramABI
    var isNew: Bool
  }

  private static func interpreterMapping(
    _ interpreter: borrowing ProgramImage?, base: BaseAddress?, avoiding taken: [Range<UInt64>],
    _ program: borrowing ProgramMapping
  ) throws(LoadError) -> ProgramMapping? {
    switch interpreter {
    case .some(let image):
      // An interpreter at fixed addresses may replace parts of the program, as in the kernel.
      let isFixed = image.plan.placement == .fixed
      return try ProgramMapping(
        image, base: base, avoiding: taken + (isFixed ? [] : program.pages), pageSize: pageSize)
    case .none: return nil
    }
  }

  private static func enter(
    _ program: inout ProgramMapping, _ linker: inout ProgramMapping?, _ newStack: inout MappingGuard,
    _ process: ProcessMemoryLayout, _ vdso: ProgramVDSO, _ invocation: Invocation,
    _ willEnter: (InitialStack) -> Void
  ) throws(Errno) -> Never {
    let parts = TransitionPlan(
      program: program, linkerBase: linker?.bias, breakPages: invocation.abi.breakPages)
    let stack = try process.stack(parts, vdso, invocation)
    let state = ProcessState.current(isNew: invocation.isNew)
    let staying = process.stayingPages(with: vdso)
    let current = program.currentPages + (linker?.currentPages ?? [])
    let moves = program.moves + (linker?.moves ?? [])
    let calls = (state.closingDescriptors.count + state.timers.count) + 192 + moves.count
    var scratch = try ExecTransition.Scratch(
      callCount: calls, keptCount: current.count + staying.count + 1, path: invocation.path,
      stackSize: stack.bytes.count, at: invocation.abi.otherBases?.handOver,
      avoiding: staying + program.pages + (linker?.pages ?? []))
    let link = executableLink(invocation)
    let handOver = ExecTransition(
      first: ExecTransition.reset(state, scratch.addresses) + executableStack(parts, process)
        + (link == .fixed ? ExecTransition.movingBreak() : []),
      then: ExecTransition.moving(moves) + (process.kernelVDSO.map { [$0.mapping] } ?? [])
        + ExecTransition.description(
          staleStack: process.stalePages(below: stack.stackPointer), link, scratch.addresses)
        + ExecTransition.last(closing: state.closingDescriptors),
      kept: (current + staying + [scratch.range]).coalesced(), stack: stack, entry: linker?.entry ?? program.entry,
      gadget: gadget(
        vdso, program.settledCode, linker?.settledCode ?? [], linker?.pages ?? [], invocation.abi),
      wordSize: invocation.abi.wordSize)
    willEnter(stack)
    program.release()
    newStack.release()
    linker?.release()
    try scratch.run(handOver, path: invocation.path, parts: parts, executable: invocation.executable)
  }

  /// The address at which the last system call can be made: in our page, or in the program's `code` or the interpreter's. A page that both
  /// claim belongs to the interpreter.
  private static func gadget(
    _ vdso: ProgramVDSO, _ code: [Range<UInt64>], _ linkerCode: [Range<UInt64>], _ linkerPages: [Range<UInt64>],
    _ abi: ProgramABI
  ) -> UInt64? {
    if case .mapped(let header, _) = vdso {
      return ExecTransition.gadget(in: [header..<header + pageSize], abi.wordSize)
    }
    return ExecTransition.gadget(in: linkerPages.complementing(code) + linkerCode, abi.wordSize)
  }

  private static func executableLink(_ invocation: Invocation) -> ExecTransition.ExecutableLink {
    if linux_is_own_executable(invocation.executable) { return .right }
    return linux_can_describe_memory() ? .settable : .fixed
  }

  private static func executableStack(_ parts: TransitionPlan, _ process: ProcessMemoryLayout) -> [ExecTransition.Call]
  {
    guard parts.stackIsExecutable else { return [] }
    return [
      ExecTransition.Call(
        name: .mprotect, number: ExecTransition.mprotectNumber,
        arguments: [
          process.stackRange.lowerBound, UInt64(process.stackRange.count),
          UInt64(PROT_READ | PROT_WRITE | PROT_EXEC),
        ],
        // A program without PT_GNU_STACK rarely needs an executable stack.
        failure: parts.statesItsStack ? .fatal(.stack) : .ignored)
    ]
  }

  /// The size of the kernel's pages: 4, 16 or 64 KiB on AArch64. The corresponding C constant is `AT_PAGESZ`.
  static let pageSize = AuxvKey.pageSize.valueInThisProcess

  /// What is mapped of a new stack at first: it grows when it is written to. The corresponding kernel constant is
  /// `stack_expand`, and a page.
  private static let initialStackSize: UInt64 = 0x2_1000
}
