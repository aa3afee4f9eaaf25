import SimulatedKernel
import VDSOImages

/// A simulated kernel that has booted, and the time page that programs share.
struct Session: ~Copyable {
  var kernel: SimulatedKernel
  /// The shared time page, writable here.
  let file: TimePageFile

  /// Boots a kernel for this machine with `clockSource`, whose clocks differ from the host's by `maps`, and publishes its
  /// time.
  init(_ clockSource: ClockSource, maps: [ClockID: ClockMap], isVerbose: Bool = false) throws(StartError) {
    var kernel = try Self.booted(clockSource, isVerbose: isVerbose)
    kernel.maps = maps
    file = try Self.timePage(of: kernel)
    self.kernel = kernel
  }

  private static func booted(_ clockSource: ClockSource, isVerbose: Bool) throws(StartError) -> SimulatedKernel {
    var kernel = SimulatedKernel(
      architecture: .x86_64, clockSource: clockSource, logger: StandardError.logger(isVerbose: isVerbose))
    do throws(KernelError) {
      try kernel.initialize()
    } catch {
      throw StartError(error)
    }
    return kernel
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
