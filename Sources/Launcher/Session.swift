import SimulatedKernel
import VDSOImages

/// A simulated kernel that has booted, and the time page that programs share.
struct Session: ~Copyable {
  var kernel: SimulatedKernel
  /// The shared time page, writable here.
  let file: TimePageFile

  /// Boots a kernel for programs of `architecture` with `clockSource`, whose clocks differ from the host's by `maps`, and
  /// publishes its time.
  init(
    _ clockSource: ClockSource, architecture: VDSOImages.Architecture = .x86_64, maps: [ClockID: ClockMap],
    isVerbose: Bool
  ) throws(StartError) {
    var kernel = SimulatedKernel(
      architecture: architecture, clockSource: clockSource, logger: StandardError.logger(isVerbose: isVerbose))
    kernel.maps = maps
    do throws(KernelError) {
      try kernel.initialize()
    } catch {
      throw StartError(error)
    }
    file = try Self.timePage(of: kernel)
    self.kernel = kernel
  }

  private static func timePage(of kernel: SimulatedKernel) throws(StartError) -> TimePageFile {
    do throws(MappingError) {
      let file = try TimePageFile()
      file.page.publish(kernel.timeData)
      return file
    } catch {
      throw StartError(error)
    }
  }
}
