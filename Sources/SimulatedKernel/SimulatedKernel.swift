// SPDX-License-Identifier: Apache-2.0

public import CVDSO
import ELF
@_exported public import TimePages
public import VDSOImages

/// The kernel's side of a vDSO: selects an image and a clock source, and makes the pages that tasks get.
///
/// The functions of GNU Mach's design are named next to the Swift ones that do their work; `MachInterface` offers
/// them in C.
public struct SimulatedKernel: Sendable {
  public let architecture: VDSOImages.Architecture
  public let flavor: VDSOImages.Flavor
  public private(set) var clockSource: ClockSource
  /// The time at which a fixed clock source stands.
  public let epoch: Timespec
  /// How clocks of the page differ from the host's. A clock without a map doesn't differ.
  public var maps: [ClockID: ClockMap] = [:]
  /// Whether `maps` may change later. Then readers compare a reading of the host's with the map afterwards, also for clocks that have no
  /// map yet.
  public var mapsMayChange = false
  /// Clocks served only by the system call interceptor. While there are any, pages make the system call for every clock that they can't
  /// serve themselves.
  public var trappedClocks: Set<ClockID> = []
  /// Whether `initialize` has succeeded. The corresponding C function is `vdso_is_available`.
  public private(set) var isAvailable = false

  private var log: KernelLog
  private var codePage: CodePage?
  private var timekeeper: Timekeeper?

  /// Prepares a kernel. Nothing happens before `initialize`.
  ///
  /// `epoch` is the time at which the clocks of a fixed clock source stand, by default the present.
  public init(
    architecture: VDSOImages.Architecture, flavor: VDSOImages.Flavor = .linux, clockSource: ClockSource = .host,
    epoch: Timespec? = nil, log: KernelLog = .none
  ) {
    self.architecture = architecture
    self.flavor = flavor
    self.clockSource = clockSource
    self.epoch = epoch ?? HostClock.read(.realtime)
    self.log = log
  }

  /// Boots: selects the image, fills its Mach header and starts the clock source. A second call does nothing.
  ///
  /// If the machine has no invariant counter, the host's clock is used instead.
  /// The corresponding C function is `vdso_init`.
  public mutating func initialize() throws(KernelError) {
    guard !isAvailable else {
      log.debug("VDSO: Already initialized")
      return
    }
    log.debug("VDSO: Initializing Virtual Dynamic Shared Object support")
    initializeArchitecture()
    try bootstrap()
    let symbols = codePage.map { page in page.availableSymbols.compactMap(page.name(of:)) } ?? []
    log.debug("VDSO: Clock source \(clockSource.rawValue), symbols \(symbols.joined(separator: " "))")
    isAvailable = true
    log.debug("VDSO: Initialization complete")
  }

  /// Starts the clock source. The corresponding C function is `vdso_arch_init`.
  public mutating func initializeArchitecture() {
    log.debug("VDSO: \(architecture.rawValue) architecture initialization")
    guard clockSource == .tsc || clockSource == .auto, timekeeper == nil else { return }
    if let counter = CycleCounter.bySpeed().best() {
      clockSource = .tsc
      timekeeper = Timekeeper(counter: counter)
    } else if clockSource == .auto {
      clockSource = .host
    } else {
      log.warning("VDSO: no invariant cycle counter here: using the host's clock")
      clockSource = .host
    }
  }

  /// Makes the kernel's code page. A second call does nothing. The corresponding C function is `vdso_bootstrap`.
  public mutating func bootstrap() throws(KernelError) {
    if codePage == nil { codePage = try setUpPage() }
  }

  /// Returns a code page with the slots and the Mach header filled in, checked against the rules of code pages.
  ///
  /// The corresponding C function is `vdso_arch_setup_page`.
  public func setUpPage() throws(KernelError) -> CodePage {
    guard let page = CodePage(architecture: architecture, flavor: flavor) else {
      throw .noImage(architecture, flavor)
    }
    if let violation = page.violations.first { throw .unusableImage(violation) }
    log.debug("VDSO: Setting up \(architecture.rawValue) VDSO page at \(hexadecimal(UInt64(VDSO_USER_BASE)))")
    log.debug("VDSO: \(architecture.rawValue) VDSO page setup complete, used \(page.usedByteCount) bytes")
    return page
  }

  /// The visible state of the kernel. The corresponding C function is `vdso_get_state`.
  public var state: KernelState { KernelState(page: codePage, isInitialized: isAvailable) }

  /// Returns the offset of a symbol's entry slot in the code page; nil before `initialize`, and if the page lacks the symbol. The
  /// corresponding C function is `vdso_lookup_symbol`.
  public func offset(of symbol: SymbolType) -> Int? {
    guard isAvailable, codePage?.availableSymbols.contains(symbol) == true else { return nil }
    return symbol.slotOffset(on: architecture)
  }

  /// Adds a symbol to the pages that tasks get from now on, for a function of the page at `offset`.
  ///
  /// Fails as `CodePage.addSymbol` does, and with KERN_INVALID_ARGUMENT before `initialize`.
  /// The corresponding C function is `vdso_add_symbol`.
  public mutating func addSymbol(_ symbol: SymbolType, named name: String, at offset: Int) throws(KernReturn) {
    guard isAvailable else { throw .invalidArgument }
    try codePage?.addSymbol(symbol, named: name, at: offset)
  }

  /// Returns the code page for a task in which the host's functions are at `host`.
  public func codePage(host: HostEntryPoints) throws(KernelError) -> CodePage {
    guard var page = codePage else { throw .notInitialized }
    page.setHostEntryPoints(host)
    return page
  }

  /// The current state for the time page.
  public var timeData: vdso_time_data_t {
    // After a trap, a reader looks at the page again, and traps once more if it has changed. Therefore this state must not come from a
    // timekeeper, which changes it at any time.
    var data = trappedClocks.isEmpty ? hostData : Self.timeZoned(vdso_time_data_t(), mode: VDSO_MODE_HOST)
    for (id, map) in maps where mapsMayChange || !map.isIdentity {
      data.apply(map, to: id)
    }
    // A reader of a clock without a map ends with a tail call of the host's function, so it can't look at the map afterwards.
    if mapsMayChange || !trappedClocks.isEmpty { data.applyOffsets(exceptTo: maps.keys) }
    for id in trappedClocks {
      data.trap(id)
    }
    data.traps = trappedClocks.isEmpty ? 0 : 1
    return data
  }

  /// The state of the host's clocks, as the clock source reads them.
  private var hostData: vdso_time_data_t {
    switch clockSource {
    case .host, .auto: return Self.timeZoned(vdso_time_data_t(), mode: VDSO_MODE_HOST)
    case .tsc: return timekeeper!.data
    case .tick: return Self.published(ClockID.paged, mode: VDSO_MODE_TICK) { HostClock.read($0) }
    case .fixed: return Self.published(ClockID.paged.filter { $0.isDate }, mode: VDSO_MODE_FIXED) { _ in epoch }
    }
  }

  /// Whether the time page must be refreshed.
  public var needsTimekeeper: Bool { clockSource == .tsc || clockSource == .tick }

  /// Nanoseconds until the page must be refreshed; nil if it never must. Clocks that use a counter need it ten times a second once its rate
  /// is well known, and when the host's date is set.
  public var tickDelay: UInt32? { needsTimekeeper ? timekeeper?.tickDelay ?? Timekeeper.tickInterval : nil }

  /// Whether `timeData`, which is that of the last tick, may still be published.
  public var isTimely: Bool { timekeeper?.isTimely ?? true }

  /// Updates the clocks after an interval has passed.
  ///
  /// If the watchdog finds a fault in the counter, the host's clock is used from then on.
  public mutating func tick() {
    if let fault = timekeeper?.tick() { demote(for: fault) }
  }

  /// Continues from the last state of a timekeeper that has ended.
  mutating func takeOver(from published: vdso_time_data_t) {
    // That timekeeper's watchdog had found a fault in the counter, or a process had entered another time namespace.
    if published.mode == UInt32(VDSO_MODE_HOST) { return useHostClocks() }
    guard clockSource == .tsc, let timekeeper else { return }
    var lines = published
    for (id, map) in maps { lines[id] = map.removed(from: lines[id]) }
    self.timekeeper = timekeeper.resumed(from: lines)
  }

  /// Stops the use of the counter: from the next state on, readers ask the host.
  public mutating func demote(for fault: CounterFault) {
    guard clockSource == .tsc else { return }
    log.warning("VDSO: Clock source tsc is unstable (\(fault.description)): using the host's clock")
    useHostClocks()
  }

  /// Stops the timekeeper's work: from the next state on, readers ask the host, which knows the time namespace of each process.
  public mutating func useHostClocks() {
    guard needsTimekeeper else { return }
    timekeeper = nil
    clockSource = .host
  }

  private static func published(
    _ ids: [ClockID], mode: Int, _ read: (ClockID) -> Timespec
  ) -> vdso_time_data_t {
    var data = timeZoned(vdso_time_data_t(), mode: mode)
    for id in ids {
      data[id] = .published(at: read(id), resolution: Timekeeper.tickInterval)
    }
    return data
  }

  private static func timeZoned(_ data: vdso_time_data_t, mode: Int) -> vdso_time_data_t {
    var data = data
    data.mode = UInt32(mode)
    (data.timezone_minutes_west, data.timezone_dst) = HostClock.timeZone
    return data
  }
}
