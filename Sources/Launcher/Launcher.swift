import AuxvLoader
import ELF
import ExecEngine
import Glibc
import SimulatedKernel
import VDSOResolver

/// Starting programs on pages of our own.
public enum Launcher {
  /// The words that name a subcommand where a program could stand.
  public static let subcommands = ["run", "auxv", "symbols", "resolve", "lint", "image", "bench", "doctor", "help"]

  /// Replaces this process by the program, or prints why not and exits as a shell would.
  public static func run(_ options: RunOptions) -> Never {
    do throws(StartError) {
      try start(options)
    } catch {
      StandardError.print("demo-loader: \(error.description)")
      exit(error.exitStatus)
    }
  }

  private static func start(_ options: RunOptions) throws(StartError) -> Never {
    let invocation = ProgramInvocation(program: options.program, arguments: [options.program] + options.arguments)
    if options.engine != .load {
      let obstacle = try execute(
        invocation, Session(options.clockSource, maps: options.maps, isVerbose: options.verbose), options)
      guard options.engine == .auto else { throw StartError(obstacle) }
      if options.verbose {
        StandardError.print("demo-loader: engine exec is not possible here: \(obstacle.description)")
      }
    }
    try load(invocation, options)
  }

  /// Loads the program into this process.
  private static func load(_ invocation: ProgramInvocation, _ options: RunOptions) throws(StartError) -> Never {
    let compatibility = try compatibilityVDSO(for: invocation)
    let host = compatibility.map { image($0) } ?? (try? VDSOImage.ofThisProcess())
    let own = try OwnPages(
      options.clockSource, maps: options.maps, host: host, isVerbose: options.verbose && options.engine == .load)
    if own.kernel.needsKeeper {
      do throws(MappingError) {
        try KeeperProcess.start(for: own.kernel, file: own.file)
      } catch {
        throw StartError(error)
      }
    }
    if options.verbose {
      let description = PageDescription(
        header: UInt64(own.pages.codePage), clockSource: own.kernel.clockSource, engine: .load,
        image: try? VDSOImage(mappedAt: UInt64(own.pages.codePage)))
      for line in description.lines { StandardError.print(line) }
    }
    let pages = UInt64(own.pages.base)..<UInt64(own.pages.base) + UInt64(MappedPages.byteCount)
    do throws(LoadError) {
      try ProgramLoader.start(
        invocation, vdso: .mapped(header: UInt64(own.pages.codePage), pages: pages), compatibility: compatibility)
    } catch {
      throw StartError(error)
    }
  }

  private static func compatibilityVDSO(for invocation: ProgramInvocation) throws(StartError) -> CompatibilityVDSO? {
    do throws(LoadError) {
      return try ProgramLoader.compatibilityVDSO(for: invocation)
    } catch {
      throw StartError(error)
    }
  }

  /// The kernel's image as an i386 program will have it.
  private static func image(_ vdso: CompatibilityVDSO) -> VDSOImage? {
    guard let object = try? SharedObject(memory: vdso.bytes) else { return nil }
    return try? VDSOImage(object, mappedAt: vdso.header)
  }
}
