// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
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
  /// The addresses of the pages.
  public let pages: PageSet
  /// The session, which owns the shared time page.
  let session: Session

  /// Boots a kernel with `clockSource` and maps its pages, for programs that have the kernel's image `host`. `time` is the time that their
  /// clocks show, nil for the host's time.
  ///
  /// The pages lie directly below the kernel's own if there is space. If not, pages for i386 programs lie at the end of the memory that
  /// such programs can address.
  public init(
    _ clockSource: ClockSource, _ time: TimeRequest? = nil, host: VDSOImage?, isVerbose: Bool = false
  ) throws(StartError) {
    let instant = HostInstant.current()
    try self.init(
      clockSource, Session.clock(time, at: instant), surroundings: instant.maps, mayChange: time != nil, host: host,
      compatibility: nil, image: nil, isVerbose: isVerbose
    ) { _ in false }
  }

  /// The same with `image`, if there is one, as the code page. `begin` starts the processes that work for the session, if it needs any:
  /// they must not have the program's mapping of the time page.
  init(
    _ clockSource: ClockSource, _ clock: VirtualClock, surroundings: [ClockID: ClockMap], mayChange: Bool,
    host: VDSOImage?,
    compatibility: CompatibilityVDSO?, image: ImageFile?, isVerbose: Bool, seals: Bool = true,
    begin: (Session) throws(StartError) -> Bool
  ) throws(StartError) {
    let isI386 = host?.object.header.machine == .i386
    // The address is reserved before anything else is mapped there.
    let place = Self.reservedPlace(below: host, compatibility, image?.code(host: .none))
    let session = try Session(
      clockSource, architecture: isI386 ? .i386 : .native, clock, surroundings: surroundings, mayChange: mayChange,
      isVerbose: isVerbose)
    let code =
      if let image { image.code(host: HostEntryPoints(host)) } else {
        try Self.codePage(of: session.kernel, host: host).bytes
      }
    // Their mapping and the program's come from different descriptors: a lease then shows them whether a process uses the page.
    let timePage = try begin(session) ? Execution.reopened(session.file.descriptor) : -1
    defer { if timePage >= 0 { close(timePage) } }
    pages = try Self.pages(timePage >= 0 ? timePage : session.file.descriptor, code, at: place, isI386: isI386, seals)
    self.session = session
  }

  /// Maps pages for an i386 program that share the time page of this process's session, given by a descriptor.
  static func pages(
    timePage: Int32, _ compatibility: CompatibilityVDSO, host: VDSOImage?, seals: Bool
  ) throws(StartError) -> PageSet? {
    guard var code = CodePage(architecture: .i386) else { return nil }
    code.setHostEntryPoints(HostEntryPoints(host))
    let place = reservedPlace(below: host, compatibility, nil)
    return try pages(timePage, code.bytes, at: place, isI386: true, seals)
  }

  /// The clock source of the pages.
  public var clockSource: ClockSource { session.kernel.clockSource }

  /// Publishes a new state.
  public func refresh() { session.refresh() }

  /// Memory for `size` bytes directly below the kernel's pages. The code page's segment reaches over the kernel's image from there.
  private struct Place {
    var base: UInt64
    var size: Int
    var host: UInt64
    var tables: FunctionTables?

    func covered(_ code: [UInt8]) -> [UInt8] {
      guard let tables else { return code }
      return CodePage.covering(code, at: base + 2 * UInt64(VDSO_PAGE_STRIDE), host: tables, at: host)
    }
  }

  private static func reservedPlace(
    below host: VDSOImage?, _ compatibility: CompatibilityVDSO?, _ file: [UInt8]?
  ) -> Place? {
    host.flatMap { place(below: $0, compatibility, file) }
      .flatMap { PageSet.reserve($0.size, at: UInt($0.base)) ? $0 : nil }
  }

  private static func place(below host: VDSOImage, _ compatibility: CompatibilityVDSO?, _ file: [UInt8]?) -> Place? {
    let extent = host.object.vdsoExtent ?? 0
    let image = compatibility?.bytes ?? ProcessMemory.own.bytes(at: host.address, count: Int(clamping: extent))
    var tables = FunctionTables(image)
    let alone = file?.count ?? Int(VDSO_PAGE_SIZE)
    let covering = file.map(CodePage.coveringSize) ?? alone + CodePage.annexSize
    if !linux_may_write_files(0, UInt64(covering)) { tables = nil }
    let size = 2 * Int(VDSO_PAGE_STRIDE) + (tables == nil ? alone : covering)
    if let compatibility {
      let lowest = compatibility.pages.lowerBound
      guard lowest > UInt64(size) else { return nil }
      return Place(base: lowest - UInt64(size), size: size, host: compatibility.header, tables: tables)
    }
    let maps = (try? ProcessMapping.first.get()) ?? []
    return PlaceBelowVDSO.address(in: maps, header: host.address, count: UInt64(size))
      .map { Place(base: $0, size: size, host: host.address, tables: tables) }
  }

  private static func codePage(of kernel: SimulatedKernel, host: VDSOImage?) throws(StartError) -> CodePage {
    do throws(KernelError) {
      return try kernel.codePage(host: HostEntryPoints(host))
    } catch {
      throw StartError(error)
    }
  }

  private static func pages(
    _ timePage: Int32, _ code: [UInt8], at place: Place?, isI386: Bool, _ seals: Bool
  ) throws(StartError) -> PageSet {
    let shift = Personality.current.randomizesAddresses ? UInt.random(in: 0..<256) : 0
    do throws(SystemError) {
      return try PageSet(
        timePage: timePage, code: place?.covered(code) ?? code,
        identities: [TaskIdentity(.processID, UInt32(getpid()))],
        at: place.map { UInt($0.base) } ?? (isI386 ? 0xf7ef_0000 + 4096 * shift : nil), isReserved: place != nil,
        seals: seals)
    } catch {
      throw StartError(error)
    }
  }
}
