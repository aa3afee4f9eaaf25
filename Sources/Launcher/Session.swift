import Glibc
import SimulatedKernel
import VDSOImages
import VirtualTime

/// A simulated kernel that has booted, and the time page that programs share.
struct Session: ~Copyable {
  let time: SessionTime
  /// The shared time page, writable here.
  let file: TimePageFile

  /// Boots a kernel for programs of `architecture` with `clockSource`, lets its clocks start as `request` says, and publishes
  /// its time. The host's clocks are taken to be at `host` then.
  init(
    _ clockSource: ClockSource, architecture: VDSOImages.Architecture = .x86_64, _ request: TimeRequest?,
    at host: HostInstant = .current(), isVerbose: Bool
  ) throws(StartError) {
    var kernel = SimulatedKernel(
      architecture: architecture, clockSource: clockSource, logger: StandardError.logger(isVerbose: isVerbose))
    do throws(KernelError) {
      try kernel.initialize()
    } catch {
      throw StartError(error)
    }
    let file = try Self.timePageFile()
    time = try Self.time(kernel, request ?? .host, at: host, page: file.page)
    self.file = file
  }

  private static func time(
    _ kernel: SimulatedKernel, _ request: TimeRequest, at host: HostInstant, page: TimePage
  ) throws(StartError) -> SessionTime {
    do throws(VirtualClockError) {
      return try SessionTime(kernel, request, at: host, page: page)
    } catch {
      throw StartError(error)
    }
  }

  private static func timePageFile() throws(StartError) -> TimePageFile {
    do throws(MappingError) {
      return try TimePageFile()
    } catch {
      throw StartError(error)
    }
  }
}
