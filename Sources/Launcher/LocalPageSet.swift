// SPDX-License-Identifier: Apache-2.0

import ProcessSupport
public import SimulatedKernel

import ProgramLoader
import ELF
import ExecEngine
import Glibc
import VDSOImages
public import VDSOResolver
public import VirtualTime

/// Our pages, mapped into this process, and the kernel that made them.
public struct LocalPageSet: ~Copyable {
  /// Where they are.
  public let pages: PageSet
  /// The shared time page, and what is published in it.
  let session: Session

  /// Boots a kernel with `clockSource` for programs whose kernel's image is `host`, and maps its pages. `time` is what its
  /// clocks show, nil for the host's time.
  ///
  /// i386 programs get them just below the kernel's own vDSO, at the top of what they can reach.
  public init(
    _ clockSource: ClockSource, _ time: TimeRequest? = nil, host: VDSOImage?, isVerbose: Bool = false
  ) throws(StartError) {
    try self.init(clockSource, time, host: host, image: nil, isVerbose: isVerbose)
  }

  /// The same with another image as the code page if there is one.
  init(
    _ clockSource: ClockSource, _ time: TimeRequest?, host: VDSOImage?, image: ImageFile?, isVerbose: Bool,
    seals: Bool = true
  ) throws(StartError) {
    let isI386 = host?.object.header.machine == .i386
    let session = try Session(clockSource, architecture: isI386 ? .i386 : .x86_64, time, isVerbose: isVerbose)
    let code =
      if let image { image.code(host: HostEntryPoints(host)) } else {
        try Self.codePage(of: session.time.kernel, host: host).bytes
      }
    let shift = Personality.current.randomizesAddresses ? UInt.random(in: 0..<256) : 0
    pages = try Self.pages(session.file, code, at: isI386 ? 0xf7ef_0000 + 4096 * shift : nil, seals)
    self.session = session
  }

  /// The clock source that the pages have.
  public var clockSource: ClockSource { session.time.kernel.clockSource }

  /// Publishes a new state.
  public func refresh() { session.time.refresh() }

  private static func codePage(of kernel: SimulatedKernel, host: VDSOImage?) throws(StartError) -> CodePage {
    do throws(KernelError) {
      return try kernel.codePage(host: HostEntryPoints(host))
    } catch {
      throw StartError(error)
    }
  }

  private static func pages(
    _ time: borrowing TimePageFile, _ code: [UInt8], at base: UInt?, _ seals: Bool
  ) throws(StartError) -> PageSet {
    do throws(SystemError) {
      return try PageSet(
        time: time, code: code, identities: [TaskIdentity(.processID, UInt32(getpid()))], at: base,
        seals: seals)
    } catch {
      throw StartError(error)
    }
  }
}
