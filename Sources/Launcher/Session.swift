// SPDX-License-Identifier: Apache-2.0

import Glibc
import ProcessSupport
import SimulatedKernel
import VDSOImages
import VirtualTime

/// A simulated kernel that has booted, and the time page that programs share.
struct Session: ~Copyable {
  let time: SessionTime
  /// The shared time page, writable here.
  let file: TimePageFile

  /// Boots a kernel for programs of `architecture` with `clockSource`, lets its clocks start as `request` says, and publishes
  /// its time. The host's clocks are taken to be at `host` then. Whether the time can be changed later, `mayChange` says.
  init(
    _ clockSource: ClockSource, architecture: VDSOImages.Architecture = .native, _ request: TimeRequest?,
    at host: HostInstant = .current(), mayChange: Bool, isVerbose: Bool
  ) throws(StartError) {
    var kernel = SimulatedKernel(
      architecture: architecture, clockSource: clockSource, log: StandardError.log(isVerbose: isVerbose))
    kernel.mapsMayChange = mayChange
    do throws(KernelError) {
      try kernel.initialize()
    } catch {
      throw StartError(error)
    }
    // What a timekeeper publishes of clocks that a time namespace moves isn't so in another.
    let file = try Self.timePageFile(hasHostPage: kernel.needsTimekeeper)
    time = try Self.time(kernel, request ?? .host, at: host, page: file.page, hostPage: file.hostPage)
    self.file = file
  }

  private static func time(
    _ kernel: SimulatedKernel, _ request: TimeRequest, at host: HostInstant, page: TimePage,
    hostPage: TimePage?
  ) throws(StartError) -> SessionTime {
    do throws(VirtualClockError) {
      return try SessionTime(kernel, request, at: host, page: page, hostPage: hostPage)
    } catch {
      throw StartError(error)
    }
  }

  private static func timePageFile(hasHostPage: Bool) throws(StartError) -> TimePageFile {
    do throws(SystemError) {
      return try TimePageFile(hasHostPage: hasHostPage)
    } catch {
      throw StartError(error)
    }
  }
}
