public import SimulatedKernel

import AuxvLoader
import Glibc
import VDSOImages
public import VDSOResolver

/// Our three pages, mapped into this process, and the kernel that made them.
public struct OwnPages: ~Copyable {
  /// Where they are.
  public let pages: MappedPages
  public var kernel: SimulatedKernel
  /// The shared time page, writable here.
  public let file: TimePageFile

  /// Boots a kernel for this machine with `clockSource` and maps its pages.
  public init(
    _ clockSource: ClockSource, host: VDSOImage?, isVerbose: Bool = false
  ) throws {
    var kernel = SimulatedKernel(
      architecture: .x86_64, clockSource: clockSource, logger: StandardError.logger(isVerbose: isVerbose))
    try kernel.initialize()
    let file = try TimePageFile()
    file.page.publish(kernel.timeData)
    pages = try MappedPages(
      time: file, code: kernel.codePage(host: HostEntryPoints(host)),
      identities: [TaskIdentity(.processID, UInt32(getpid()))])
    self.kernel = kernel
    self.file = file
  }
}
