// SPDX-License-Identifier: Apache-2.0

import ProcessSupport
import ProgramLoader
import ELF
import ExecEngine
import Glibc
import SimulatedKernel
import TimePages
import VDSOResolver
import VirtualTime

extension Launcher {
  /// Loads the program into this process. `obstacle` is the reason why the programs that it executes can't be followed.
  static func load(_ start: Start, _ obstacle: FollowingObstacle) throws(StartError) -> Never {
    try refuseToGoWithoutFollowing(start.options, obstacle)
    let program: OpenedProgram
    do throws(LoadError) {
      program = try OpenedProgram(start.invocation)
    } catch {
      throw StartError(error)
    }
    let compatibility = program.compatibility
    let (placement, source) = try placement(
      start, compatibility, host: compatibility.map { image($0) } ?? hostImage)
    if let warning = start.options.warning(of: obstacle, source) { StandardError.print(warning) }
    start.keepMachinesClock(waivesRights: false)
    do throws(LoadError) {
      try ProgramLoader.start(program, vdso: placement, isNew: isNew) { stack in
        if let describe = start.describe {
          for line in describe(ProgramVector(stack)) { StandardError.print(line) }
        }
      }
    } catch {
      throw StartError(error)
    }
  }

  /// Whether this process has changed nothing that execve would reset. Swift's full runtime may have handlers for signals.
  private static var isNew: Bool {
    #if hasFeature(Embedded)
      true
    #else
      false
    #endif
  }

  /// The kernel's image in this process.
  private static var hostImage: VDSOImage? { HostVDSO.address.flatMap { try? VDSOImage(mappedAt: $0) } }

  /// Maps the pages that the program gets, and reports them under --verbose. If they have a time page, its clock source is returned too.
  private static func placement(
    _ start: Start, _ compatibility: CompatibilityVDSO?, host: VDSOImage?
  ) throws(StartError) -> (ProgramVDSO, ClockSource) {
    let options = start.options
    guard options.vdso.hasTimePage else {
      if options.verbose { StandardError.print(PageDescription.withoutPages(options.vdso, engine: .load)) }
      return (options.vdso == .none ? .none : .kernel, .host)
    }
    if start.supervisor != nil, let page = try sessionsPages(start, compatibility, host: host) { return (page, .host) }
    let own = try LocalPageSet(
      options.clockSource, start.clock, surroundings: start.instant.maps, mayChange: options.hasOtherTime, host: host,
      compatibility: compatibility, image: start.image,
      isVerbose: options.verbose && options.engine == .load, seals: start.permissions.maySeal
    ) { session throws(StartError) in
      guard let work = SessionDelegate(session, start.control, nil) else { return false }
      if CallPermissions.childrenAreElsewhere { try leaveAlone(start, .namespace) }
      do throws(SystemError) {
        try TimekeeperProcess.start(work, timePage: session.file.descriptor)
        return true
      } catch {
        throw StartError(error)
      }
    }
    let header = UInt64(own.pages.codePage)
    if options.verbose {
      let description = PageDescription(
        header: header, clockSource: own.clockSource, engine: .load, image: try? VDSOImage(mappedAt: header),
        file: start.image?.path)
      for line in description.lines { StandardError.print(line) }
    }
    let base = UInt64(own.pages.base)
    return (.mapped(header: header, pages: base..<base + UInt64(own.pages.byteCount)), own.clockSource)
  }

  /// The pages of the session that this process is in; nil if it is on no page, or its supervisor is gone.
  private static func sessionsPages(
    _ start: Start, _ compatibility: CompatibilityVDSO?, host: VDSOImage?
  ) throws(StartError) -> ProgramVDSO? {
    guard let page = SessionPage.current else { return nil }
    // A program of this process's width gets the pages of this process.
    guard let compatibility else { return .mapped(header: page.header, pages: page.pages) }
    guard let number = page.time.session, let timePage = OuterSession.timePage(number: number) else { return nil }
    defer { close(timePage) }
    let pages = try LocalPageSet.pages(
      timePage: timePage, compatibility, host: host, seals: start.permissions.maySeal)
    return pages.map {
      .mapped(header: UInt64($0.codePage), pages: UInt64($0.base)..<UInt64($0.base) + UInt64($0.byteCount))
    }
  }

  /// The kernel's image as the i386 program will have it.
  private static func image(_ vdso: CompatibilityVDSO) -> VDSOImage? {
    guard let object = try? SharedObject(memory: vdso.bytes) else { return nil }
    return try? VDSOImage(object, mappedAt: vdso.header)
  }
}
