// SPDX-License-Identifier: Apache-2.0

import ELF
import ExecEngine
public import ProcessAttachment
import SimulatedKernel
public import TimePages
public import VirtualTime

/// The options and the process of `demo-loader attach`.
public struct AttachOptions: Hashable, Sendable {
  public var process: Int32
  /// Where the page's time comes from.
  public var clockSource = ClockSource.host
  /// The time that the process is to see; nil for the host's.
  public var time: TimeRequest?
  /// The path of a socket through which the time can be changed, besides the process's number.
  public var control: [UInt8]?
  /// Whether programs that the process executes get the page, and whether system calls that bypass it get its time. Neither is possible;
  /// false says that the user knows that.
  public var follow, strict: Bool?

  public init(process: Int32) {
    self.process = process
  }
}

extension Launcher {
  /// Gives a running process our page, and starts a supervisor that keeps its time; returns lines for people.
  public static func attach(_ options: AttachOptions, isVerbose: Bool) throws(AttachError) -> [String] {
    if case .step? = options.time?.specification.flow {
      throw AttachError(
        "--time with a step needs intercepted system calls, and those of an attached process aren't intercepted: start the program with demo-loader"
      )
    }
    for (option, isAsked) in [("--follow", options.follow), ("--strict", options.strict)] where isAsked == true {
      throw AttachError("\(option) is not possible in a program that runs already: start the program with demo-loader")
    }
    var run = RunOptions(program: [])
    run.time = options.time ?? .host
    run.control = options.control
    let session = try reporting { () throws(StartError) in
      let instant = HostInstant.current()
      return try Session(
        options.clockSource, Session.clock(run.time, at: instant), surroundings: instant.maps, mayChange: true,
        isVerbose: isVerbose)
    }
    let control = try reporting { () throws(StartError) in try SessionDelegate.control(run) }
    guard let work = SessionDelegate(session, control, nil) else { throw AttachError("the session has nothing to do") }
    let supply = supply(session)
    let supervisor: AttachmentSupervisor
    do throws(AttachError) {
      supervisor = try AttachmentSupervisor(work, timePage: session.file.descriptor)
    } catch {
      control?.close()
      throw error
    }
    defer { supervisor.keep() }
    let attached = try AttachedProcess.attach(to: options.process, supply)
    return lines(attached, options, session.kernel.clockSource, isVerbose: isVerbose)
  }

  /// Gives an attached process the kernel's functions back; returns lines for people.
  public static func detach(_ process: Int32, isVerbose: Bool) throws(AttachError) -> [String] {
    // Pages that are in use come first: their functions would otherwise be restored together with what was left before.
    guard var attached = AttachedProcess(process) ?? AttachedProcess(leftIn: process) else {
      throw AttachedProcess.notAttached(process)
    }
    try attached.detach()
    while var left = AttachedProcess(leftIn: process) { try left.detach() }
    return isVerbose ? ["demo-loader: process \(process) is detached; \(stop(attached))"] : []
  }

  private static func lines(
    _ attached: AttachedProcess, _ options: AttachOptions, _ source: ClockSource, isVerbose: Bool
  ) -> [String] {
    let process = attached.process
    let page =
      "demo-loader: process \(process): our page at \(hexadecimal(attached.header)), clock source \(source.rawValue); "
      + stop(attached)
    let limits = [
      options.strict == false ? nil : "system calls that bypass the page",
      options.follow == false ? nil : "programs that it executes",
    ].compactMap { $0 }
    guard options.time != nil, !limits.isEmpty else { return isVerbose ? [page] : [] }
    return (isVerbose ? [page] : [])
      + ["demo-loader: process \(process): the host's time is seen by \(limits.joined(separator: ", and by "))"]
  }

  private static func stop(_ attached: AttachedProcess) -> String {
    let microseconds = attached.stopTime / 1000
    let thousandths = "\(microseconds % 1000 + 1000)".dropFirst()
    let threads = attached.threadCount == 1 ? "its thread was" : "its \(attached.threadCount) threads were"
    return "\(threads) stopped for \(microseconds / 1000).\(thousandths) ms"
  }

  private static func supply(_ session: Session) -> PageProvider {
    let kernel = session.kernel
    var supply = PageProvider(timePage: session.file.descriptor, session: session.file.number ?? 0) { machine, host in
      machine == .native ? (try? kernel.codePage(host: host)).map { .code($0.bytes) } : nil
    }
    supply.hasHostPage = session.file.hostPage != nil
    return supply
  }

  private static func reporting<Result: ~Copyable>(
    _ body: () throws(StartError) -> Result
  ) throws(AttachError) -> Result {
    do throws(StartError) { return try body() } catch { throw AttachError(error.description) }
  }
}
