// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CVDSO
import ELF
import ExecEngine
import Glibc
import ProcessSupport
import ProgramLoader
public import SimulatedKernel
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
  /// They lie directly below the kernel's own, where there is room; else for i386 programs at the top of what they can reach.
  public init(
    _ clockSource: ClockSource, _ time: TimeRequest? = nil, host: VDSOImage?, isVerbose: Bool = false
  ) throws(StartError) {
    let instant = HostInstant.current()
    try self.init(
      clockSource, Session.clock(time, at: instant), surroundings: instant.maps, mayChange: time != nil, host: host,
      compatibility: nil,
      image: nil, isVerbose: isVerbose)
  }

  /// The same with another image as the code page if there is one.
  init(
    _ clockSource: ClockSource, _ clock: VirtualClock, surroundings: [ClockID: ClockMap], mayChange: Bool,
    host: VDSOImage?,
    compatibility: CompatibilityVDSO?, image: ImageFile?, isVerbose: Bool, seals: Bool = true
  ) throws(StartError) {
    let isI386 = host?.object.header.machine == .i386
    // Before anything else is mapped there.
    let size = 2 * Int(VDSO_PAGE_STRIDE) + (image?.code(host: .none).count ?? Int(VDSO_PAGE_SIZE))
    let place = host.flatMap { Self.place(below: $0, compatibility, count: UInt64(size)) }
      .flatMap { PageSet.reserve(size, at: UInt($0.base)) ? $0 : nil }
    let session = try Session(
      clockSource, architecture: isI386 ? .i386 : .native, clock, surroundings: surroundings, mayChange: mayChange,
      isVerbose: isVerbose)
    let code =
      if let image { image.code(host: HostEntryPoints(host)) } else {
        try Self.codePage(of: session.kernel, host: host).bytes
      }
    if let place {
      pages = try Self.pages(session.file, place.covered(code), at: UInt(place.base), isReserved: true, seals)
    } else {
      let shift = Personality.current.randomizesAddresses ? UInt.random(in: 0..<256) : 0
      pages = try Self.pages(session.file, code, at: isI386 ? 0xf7ef_0000 + 4096 * shift : nil, seals)
    }
    self.session = session
  }

  /// The clock source that the pages have.
  public var clockSource: ClockSource { session.kernel.clockSource }

  /// Publishes a new state.
  public func refresh() { session.refresh() }

  /// A place for `count` bytes directly below the kernel's pages, from which the code page reaches over the kernel's image.
  private struct Place {
    var base: UInt64
    var host: UInt64
    var table: HostUnwindTable?

    func covered(_ code: [UInt8]) -> [UInt8] {
      guard let table else { return code }
      return CodePage.covering(code, at: base + 2 * UInt64(VDSO_PAGE_STRIDE), host: table, at: host)
    }
  }

  private static func place(below host: VDSOImage, _ compatibility: CompatibilityVDSO?, count: UInt64) -> Place? {
    if let compatibility {
      let lowest = compatibility.pages.lowerBound
      guard lowest > count else { return nil }
      return Place(base: lowest - count, host: compatibility.header, table: HostUnwindTable(compatibility.bytes))
    }
    guard let extent = SharedObject.extent(of: host.object.programHeaders),
      let base = PlaceBelowVDSO.address(
        in: (try? SmallFile.contents(of: "/proc/self/maps")) ?? [], header: host.address, count: count)
    else { return nil }
    let image = ProcessMemory.own.bytes(at: host.address, count: Int(clamping: extent))
    return Place(base: base, host: host.address, table: HostUnwindTable(image))
  }

  private static func codePage(of kernel: SimulatedKernel, host: VDSOImage?) throws(StartError) -> CodePage {
    do throws(KernelError) {
      return try kernel.codePage(host: HostEntryPoints(host))
    } catch {
      throw StartError(error)
    }
  }

  private static func pages(
    _ time: borrowing TimePageFile, _ code: [UInt8], at base: UInt?, isReserved: Bool = false, _ seals: Bool
  ) throws(StartError) -> PageSet {
    do throws(SystemError) {
      return try PageSet(
        time: time, code: code, identities: [TaskIdentity(.processID, UInt32(getpid()))], at: base,
        isReserved: isReserved, seals: seals)
    } catch {
      throw StartError(error)
    }
  }
}
