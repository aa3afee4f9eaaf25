// SPDX-License-Identifier: Apache-2.0

import ProcessSupport
import ProgramLoader
import ELF
import ExecEngine
import Glibc
import SimulatedKernel
import TimeCalls
import VDSOImages
import VDSOResolver
import VirtualTime

extension Launcher {
  /// Lets the kernel execute the program, and a supervisor give it its pages.
  ///
  /// Returns only if programs can't be traced, with the error; then nothing has happened.
  static func execute(_ start: Start) throws(StartError) -> SystemError {
    let (options, invocation) = (start.options, start.invocation)
    let file = try find(invocation)
    // A program that doesn't exist is refused before anything begins and before the session can be reached.
    if let error = FileRights.executionRefusal(file.path) { throw refusal(of: file, invocation, error) }
    if let supervisor = start.supervisor {
      if options.verbose {
        StandardError.print(
          "demo-loader: \(options.program.text.escapingControls) belongs to the session of process \(supervisor)")
      }
    } else if options.vdso == .kernel && start.describe == nil && OuterSession.currentSupervisor == nil {
      // The program gets the kernel's page without any help.
      if options.verbose { StandardError.print(PageDescription.withoutPages(.kernel, engine: .exec)) }
    } else if file.changesRights {
      let error = OtherRightsError(program: options.program.text, option: options.optionThatTakesFollowing)
      guard error.option == nil else { throw StartError(error) }
      StandardError.print("demo-loader: \(error.warning(hasOtherTime: options.hasOtherTime))")
    } else {
      let session = try Session(
        options.clockSource, start.clock, surroundings: start.instant.maps, mayChange: options.hasOtherTime,
        isVerbose: options.verbose)
      guard !options.movesFileTimes || session.clock.fileTimeOffset != nil else {
        throw StartError(FileTimesError())
      }
      let calls = SessionCalls(session, options)
      let random = options.isDeterministic ? RandomCalls() : nil
      let source = session.kernel.clockSource
      let follows = options.follow ?? options.isFollowingDue(source)
      let interceptors = follows ? calls.interceptors + (random.map { [$0.interceptor] } ?? []) : []
      let outer = try join(session, follows: follows, interceptors, calls, options)
      var (refused, failed): (SystemError?, SystemError?)
      var settingIsAnswered = false
      do throws(SystemError) {
        let following = try ExecEngine.prepare(
          supply(session, start, calls, random), follows: follows, mayGiveUpRights: follows,
          interceptors: interceptors + (follows ? [session.namespaceInterceptor].compactMap { $0 } : []), in: outer,
          report: reporter(start, session, calls))
        switch following {
        case .on:
          calls.areIntercepted = true
          settingIsAnswered = calls.answersSetting(in: outer)
        case .off: break
        case .refused(let error): refused = error
        case .failed(let error): failed = error
        }
      } catch {
        outer?.leave()
        return error
      }
      if let failed { throw StartError(failed) }
      if let error = refused {
        try refuseToGoWithoutFollowing(options, .listening(error))
        if let warning = options.warning(of: .listening(error), source) { StandardError.print(warning) }
      }
      if !settingIsAnswered { start.keepMachinesClock(waivesRights: follows && outer != nil) }
    }
    throw refusal(of: file, invocation, replaceProcess(by: file, invocation))
  }

  /// Lets the kernel execute the program, and changes nothing.
  static func executeUnchanged(_ start: Start) throws(StartError) -> Never {
    let invocation = start.invocation
    let file = try find(invocation)
    throw refusal(of: file, invocation, replaceProcess(by: file, invocation))
  }

  /// Executes the file; returns the error if that fails.
  private static func replaceProcess(by file: ExecutableFile, _ invocation: ProgramInvocation) -> Errno {
    let error = ExecEngine.execute(
      file.path, arguments: invocation.arguments, environment: invocation.environment)
    guard error == .unknownFormat, let shell = try? ProgramLoader.shellInvocation(of: invocation) else { return error }
    return ExecEngine.execute(shell.program, arguments: shell.arguments, environment: shell.environment)
  }

  /// Refuses the program if an option requires that it is followed.
  static func refuseToGoWithoutFollowing(
    _ options: RunOptions, _ obstacle: FollowingObstacle
  ) throws(StartError) {
    guard let option = options.optionThatTakesFollowing else { return }
    throw StartError(FollowingError(option: option, obstacle: obstacle))
  }

  /// The kernel's error number as a message of the loader's checks, which say more.
  private static func refusal(of file: ExecutableFile, _ invocation: ProgramInvocation, _ errno: Errno) -> StartError {
    do throws(LoadError) { try ProgramLoader.check(invocation) } catch { return StartError(error) }
    return StartError(LoadError(path: String(decoding: file.path, as: UTF8.self), reason: .file(errno: errno)))
  }

  private static func find(_ invocation: ProgramInvocation) throws(StartError) -> ExecutableFile {
    do throws(LoadError) {
      return try ExecutableFile(invocation)
    } catch {
      throw StartError(error)
    }
  }

  private static func supply(
    _ session: Session, _ start: Start, _ calls: SessionCalls?, _ random: RandomCalls?
  ) -> PageProvider {
    let number = session.file.number ?? 0
    switch start.options.vdso {
    case .kernel: return PageProvider(timePage: session.file.descriptor, session: number) { _, _ in nil }
    case .none:
      return PageProvider(timePage: session.file.descriptor, session: number) { _, _ in
        PageProvider.Image.none
      }
    case .ours, .file: break
    }
    let image = start.image
    let pages = CodePages(session.kernel)
    let (hasHostPage, sharedCode) = (session.file.hostPage != nil, session.file.code)
    var supply = PageProvider(
      timePage: session.file.descriptor, session: number, random: random?.atStart,
      work: SessionDelegate(session, start.control, calls)
    ) { machine, entries in
      var host = entries
      // The host's getrandom has a state of its own in the program, which can't be made the same in every run.
      if random != nil { host.getrandom = 0 }
      if let image { return machine == image.machine ? .code(image.code(host: host)) : nil }
      return pages.image(machine, host)
    }
    supply.hasHostPage = hasHostPage
    supply.sharedCode = sharedCode
    supply.confirmsPages = start.options.verbose
    supply.seals = start.permissions.maySeal
    return supply
  }

  /// Makes the lines that the user reads of each program: the page of the first one, and its auxiliary vector with --show-auxv; and the
  /// reason if the first one gets no page, or if a later one sees the host's time.
  private static func reporter(
    _ start: Start, _ session: Session, _ calls: SessionCalls?
  ) -> (ProgramEvent) -> [String] {
    let options = start.options
    // Where the filter needs no such sacrifice, a program that gains no rights has waived them itself.
    lazy var waivesRights = FileRights.areWaivedByFilters
    var isExpected = true
    return { event in
      // A standby doesn't know what its supervisor has printed.
      let isFirst = isExpected && event.isSessions
      isExpected = false
      let source = session.kernel.clockSource
      let isMissed = event.isLeft && options.vdso != .kernel && (isFirst || options.hasOtherTime)
      if isMissed { calls?.countMissedProgram() }
      let isWorthALine = options.verbose || isMissed || event.isAlwaysPrinted
      let page = isWorthALine ? lines(of: event, start, source, isFirst: isFirst) : []
      guard isFirst else {
        let rights = waivesRights && FileRights.areWaived(by: event.process) ? [lostRights(event.process)] : []
        return page + rights + TimeTWidth.warnings(event, at: session.state.date)
      }
      guard let vector = event.vector, let describe = start.describe else { return page }
      return page + describe(ProgramVector(vector, of: event.process))
    }
  }

  private static func lines(
    of event: ProgramEvent, _ start: Start, _ source: ClockSource, isFirst: Bool
  ) -> [String] {
    switch event.change {
    case .passed(let reason):
      return ["demo-loader: \(process(event.process)): system calls get the host's time: \(reason)"]
    case .given(header: 0): return [PageDescription.withoutPages(.none, engine: .exec)]
    case .left where start.options.vdso == .kernel: return [PageDescription.withoutPages(.kernel, engine: .exec)]
    case .refused(let reason): return ["demo-loader: \(process(event.process)) may not execute a program: \(reason)"]
    case .left(let reason):
      let time = start.options.hasOtherTime ? " and sees the host's time" : ""
      let cause =
        FileRights.isClosed(event.process)
        ? "it may be executed but not read; make its file readable (chmod +r), or start demo-loader as root" : reason
      return ["demo-loader: \(process(event.process)) stays on the kernel's page\(time): \(cause)"]
    case .given(let header):
      let object = event.code.flatMap { try? SharedObject(memory: $0) }
      let image = isFirst ? object.flatMap { try? VDSOImage($0, mappedAt: header) } : nil
      return PageDescription(header: header, clockSource: source, engine: .exec, image: image, file: start.image?.path)
        .lines
    }
  }

  private static func lostRights(_ number: Int32) -> String {
    "demo-loader: \(process(number)) gains no rights of another user or group: without CAP_SYS_ADMIN, a session that follows its "
      + "programs sets no_new_privs (PR_SET_NO_NEW_PRIVS); start the program outside the session, or pass --no-follow"
  }

  /// A process as messages name it: by its number and name.
  private static func process(_ number: Int32) -> String {
    ProcessFiles.programName(of: number).map { "process \(number) (\($0.escapingControls))" } ?? "process \(number)"
  }
}
