public import SimulatedKernel

import AuxvLoader
import ELF
import ExecEngine
import Glibc
import VDSOImages
public import VDSOResolver

/// Our pages, mapped into this process, and the kernel that made them.
public struct OwnPages: ~Copyable {
  /// Where they are.
  public let pages: MappedPages
  public var kernel: SimulatedKernel
  /// The shared time page, writable here.
  public let file: TimePageFile

  /// Boots a kernel with `clockSource` for programs whose kernel's image is `host`, and maps its pages, with another image as the
  /// code page where there is one. `maps` says how clocks differ from the host's.
  ///
  /// i386 programs get them just below the kernel's own vDSO, at the top of what they can reach.
  public init(
    _ clockSource: ClockSource, maps: [ClockID: ClockMap] = [:], host: VDSOImage?, isVerbose: Bool = false
  ) throws(StartError) {
    try self.init(clockSource, maps: maps, host: host, image: nil, isVerbose: isVerbose)
  }

  init(
    _ clockSource: ClockSource, maps: [ClockID: ClockMap], host: VDSOImage?, image: ImageFile?, isVerbose: Bool
  ) throws(StartError) {
    let isI386 = host?.object.header.machine == .i386
    let session = try Session(
      clockSource, architecture: isI386 ? .i386 : .x86_64, maps: maps, isVerbose: isVerbose)
    let code =
      if let image { image.code(host: HostEntryPoints(host)) } else {
        try Self.codePage(of: session.kernel, host: host).bytes
      }
    let shift = Personality.current.randomizesAddresses ? UInt.random(in: 0..<128) : 0
    pages = try Self.pages(session.file, code, at: isI386 ? 0xf7f0_0000 + 4096 * shift : nil)
    kernel = session.kernel
    file = session.file
  }

  private static func codePage(of kernel: SimulatedKernel, host: VDSOImage?) throws(StartError) -> CodePage {
    do throws(KernelError) {
      return try kernel.codePage(host: HostEntryPoints(host))
    } catch {
      throw StartError(error)
    }
  }

  private static func pages(
    _ time: borrowing TimePageFile, _ code: [UInt8], at base: UInt?
  ) throws(StartError) -> MappedPages {
    do throws(MappingError) {
      return try MappedPages(
        time: time, code: code, identities: [TaskIdentity(.processID, UInt32(getpid()))], at: base)
    } catch {
      throw StartError(error)
    }
  }
}
