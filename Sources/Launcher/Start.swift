// SPDX-License-Identifier: Apache-2.0

import ELF
import ProgramLoader
import ExecEngine
import VirtualTime

/// A program that is to be started, and how.
struct Start {
  let options: RunOptions
  let invocation: ProgramInvocation
  /// What this process may do.
  let permissions: CallPermissions
  /// What the host's clocks are taken to be at when the session starts.
  let instant: HostInstant
  /// The clock that the program starts with.
  let clock: VirtualClock
  /// The vDSO that the program gets from a file.
  let image: ImageFile?
  /// Where changes of the time are received; nil if the session accepts none.
  let control: ControlSocket?
  /// Lines of the auxiliary vector that the program is about to find.
  let describe: ((ProgramVector) -> [String])?
  /// Who gives the program its page and time anyway, where it is to have no others: the supervisor of the session that this process is
  /// in, by its own number for itself.
  let supervisor: Int32?

  /// Reads the image in a file, where one is asked for, and checks that it fits the program.
  init(_ options: RunOptions, describe: ((ProgramVector) -> [String])?) throws(StartError) {
    permissions = .current
    // Where it may do neither, it executes the program and asks for nothing.
    let isFree = permissions.areEnough
    supervisor = isFree && options.isPlain && describe == nil ? OuterSession.currentSupervisor : nil
    var options = options
    if isFree, supervisor == nil { options.keepSessionsTime() }
    self.options = options
    // To read the clocks takes calls that a filter may punish.
    instant =
      isFree ? options.startInstant : HostInstant(realtime: 0, leapSeconds: 0, uptime: 0, rawUptime: 0, sleep: 0)
    clock = try Session.clock(isFree ? options.time : nil, at: instant)
    self.describe = describe
    invocation = ProgramInvocation(
      program: options.program, arguments: [options.program] + options.arguments,
      environment: ProcessEnvironment.strings)
    image = try Self.image(options, invocation)
    if isFree { try TimeTWidth.check(options.time == nil ? nil : clock, invocation) }
    control = try Self.control(options, permissions)
  }

  /// Has programs that set the clock of a session with another time, where nothing answers them, fail (EPERM): they mean the session's,
  /// not the machine's.
  func keepMachinesClock(waivesRights: Bool) {
    guard options.hasOtherTime, !options.setsHostClock,
      !permissions.giveUpSettingClock(waivesRights: waivesRights)
    else { return }
    StandardError.print(
      "demo-loader: \(options.program.text.escapingControls) can set the machine's clock: a seccomp filter here forbids the system call capget or capset"
    )
  }

  private static func control(
    _ options: RunOptions, _ permissions: CallPermissions
  ) throws(StartError) -> ControlSocket? {
    guard let call = permissions.forbiddenForControl else { return try SessionDelegate.control(options) }
    // The time is set; that it can't be changed is an error only with --control.
    guard options.control == nil else { throw StartError(SandboxError(call: call, option: "--control")) }
    return nil
  }

  private static func image(_ options: RunOptions, _ invocation: ProgramInvocation) throws(StartError) -> ImageFile? {
    guard case .file(let path) = options.vdso else { return nil }
    do throws(ImageFileError) {
      let image = try ImageFile(path: path)
      // A program that can't be read is the engine's to refuse.
      if let machine = try? ProgramLoader.machine(of: invocation), machine != image.machine {
        throw ImageFileError(path: image.path, flaw: .otherProgram(image: image.machine, program: machine))
      }
      return image
    } catch {
      throw StartError(error)
    }
  }
}
