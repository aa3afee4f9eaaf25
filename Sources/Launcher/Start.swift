// SPDX-License-Identifier: Apache-2.0

import ELF
import ProgramLoader
import ExecEngine
import VirtualTime

/// A program that is to be started, and how.
struct Start {
  let options: RunOptions
  let invocation: ProgramInvocation
  /// The system calls that this process may make.
  let permissions: CallPermissions
  /// The readings of the host's clocks from which the session's clocks start.
  let instant: HostInstant
  /// The clock that the program starts with.
  let clock: VirtualClock
  /// The vDSO that the program gets from a file.
  let image: ImageFile?
  /// The socket that receives changes of the time; nil if the session accepts none.
  let control: ControlSocket?
  /// Makes lines from the auxiliary vector that the program will find.
  let describe: ((ProgramVector) -> [String])?
  /// The supervisor of the session that this process is in, by its process id in its own PID namespace, if the program needs nothing but
  /// the page and time that this supervisor gives it; else nil.
  let supervisor: Int32?

  /// Reads the image in a file, if the options name one, and checks that it fits the program.
  init(_ options: RunOptions, describe: ((ProgramVector) -> [String])?) throws(StartError) {
    permissions = .current
    // A process that may use neither engine executes the program unchanged and makes no further calls.
    let isFree = permissions.areEnough
    supervisor = isFree && options.isPlain && describe == nil ? OuterSession.currentSupervisor : nil
    var options = options
    if isFree, supervisor == nil { options.keepSessionsTime() }
    self.options = options
    // Reading the clocks takes calls that a filter may punish.
    instant =
      isFree ? options.startInstant : HostInstant(realtime: 0, leapSeconds: 0, uptime: 0, rawUptime: 0, sleep: 0)
    clock = try Session.clock(isFree ? options.time : nil, at: instant)
    self.describe = describe
    invocation = ProgramInvocation(
      program: options.program, arguments: [options.program] + options.arguments,
      environment: ProcessEnvironment.strings)
    image = try Self.image(options, invocation)
    if isFree { try TimeTWidth.check(options.time == nil ? nil : clock, invocation) }
    control = isFree ? try Self.control(options, permissions) : nil
  }

  /// In a session with another time, makes calls that set the clock fail (EPERM) if they aren't intercepted: the programs mean the
  /// session's clock and not the machine's.
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
    // The time is set already. Only with --control is it an error that it can't be changed.
    guard options.control == nil else { throw StartError(SandboxError(call: call, option: "--control")) }
    return nil
  }

  private static func image(_ options: RunOptions, _ invocation: ProgramInvocation) throws(StartError) -> ImageFile? {
    guard case .file(let path) = options.vdso else { return nil }
    do throws(ImageFileError) {
      let image = try ImageFile(path: path)
      // If the program can't be read, the engine refuses it later.
      if let machine = try? ProgramLoader.machine(of: invocation), machine != image.machine {
        throw ImageFileError(path: image.path, flaw: .otherProgram(image: image.machine, program: machine))
      }
      return image
    } catch {
      throw StartError(error)
    }
  }
}
