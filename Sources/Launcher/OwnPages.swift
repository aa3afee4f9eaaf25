public import SimulatedKernel

import AuxvLoader
import ELF
import ExecEngine
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

  /// Boots a kernel with `clockSource` for programs whose kernel's image is `host`, and maps its pages. `maps` says
  /// how clocks differ from the host's.
  ///
  /// i386 programs get them just below the kernel's own vDSO, at the top of what they can reach.
  public init(
    _ clockSource: ClockSource, maps: [ClockID: ClockMap] = [:], host: VDSOImage?, isVerbose: Bool = false
  ) throws(StartError) {
    let isI386 = host?.object.header.machine == .i386
    var kernel = SimulatedKernel(
      architecture: isI386 ? .i386 : .x86_64, clockSource: clockSource,
      logger: StandardError.logger(isVerbose: isVerbose))
    kernel.maps = maps
    let code = try Self.codePage(of: &kernel, host: host)
    let file = try Self.timePage(of: kernel)
    pages = try Self.pages(file, code, at: isI386 ? 0xf7f0_0000 + 4096 * UInt.random(in: 0..<128) : nil)
    self.kernel = kernel
    self.file = file
  }

  private static func codePage(of kernel: inout SimulatedKernel, host: VDSOImage?) throws(StartError) -> CodePage {
    do throws(KernelError) {
      try kernel.initialize()
      return try kernel.codePage(host: HostEntryPoints(host))
    } catch {
      throw StartError(error)
    }
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

  private static func pages(
    _ time: borrowing TimePageFile, _ code: CodePage, at base: UInt?
  ) throws(StartError) -> MappedPages {
    do throws(MappingError) {
      return try MappedPages(
        time: time, code: code, identities: [TaskIdentity(.processID, UInt32(getpid()))], at: base)
    } catch {
      throw StartError(error)
    }
  }
}
