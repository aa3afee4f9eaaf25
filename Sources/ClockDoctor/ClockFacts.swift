// SPDX-License-Identifier: Apache-2.0

/// The properties of a machine that decide how fast its programs read clocks, as far as a program can find them out.
public struct ClockFacts: Hashable, Codable, Sendable {
  /// The processor architecture, as `uname -m` names it.
  public var architecture: String
  /// The kernel's release.
  public var kernel: String
  /// The clock source in use, from /sys/devices/system/clocksource; nil if that can't be read.
  public var clockSource: String?
  /// The clock sources that could be chosen.
  public var availableClockSources: [String]
  /// The name (DT_SONAME) of this process's vDSO; nil if it has none.
  public var vdso: String?
  /// The hypervisor's signature (CPUID leaf 0x40000000); nil on a bare machine or if the processor doesn't report it.
  public var hypervisor: String?
  /// Whether the cycle counter ticks at one rate in all power states; nil if the processor doesn't report it.
  public var hasInvariantCounter: Bool?
  /// System call filters in force, from /proc/self/status.
  public var seccompFilters: Int
  /// Whether only read, write, exit and sigreturn are allowed: seccomp's strict mode.
  public var isStrictlyConfined: Bool
  /// Further confinement of this process, as far as it can be recognized: "a Docker container", "AppArmor (NAME)", "gVisor".
  public var sandboxes: [String]
  /// The process that traces this one, 0 for none.
  public var tracer: Int
  /// Whether this process is in a time namespace with shifted clocks.
  public var isTimeShifted: Bool
  /// What the calls cost here.
  public var calls: [CallCost]
  /// What clock_gettime(CLOCK_REALTIME) costs by this project's page; nil if the counter can't serve.
  public var counterModeNanoseconds: Double?

  public init(
    architecture: String, kernel: String, clockSource: String?, availableClockSources: [String] = [], vdso: String?,
    hypervisor: String? = nil, hasInvariantCounter: Bool? = nil, seccompFilters: Int = 0,
    isStrictlyConfined: Bool = false,
    sandboxes: [String] = [], tracer: Int = 0,
    isTimeShifted: Bool = false, calls: [CallCost], counterModeNanoseconds: Double? = nil
  ) {
    self.architecture = architecture
    self.kernel = kernel
    self.clockSource = clockSource
    self.availableClockSources = availableClockSources
    self.vdso = vdso
    self.hypervisor = hypervisor
    self.hasInvariantCounter = hasInvariantCounter
    self.seccompFilters = seccompFilters
    self.isStrictlyConfined = isStrictlyConfined
    self.sandboxes = sandboxes
    self.tracer = tracer
    self.isTimeShifted = isTimeShifted
    self.calls = calls
    self.counterModeNanoseconds = counterModeNanoseconds
  }
}

/// What one call costs by the C library, and by a trap.
public struct CallCost: Hashable, Codable, Sendable {
  /// The call as a C programmer writes it.
  public var call: String
  /// Nanoseconds by the C library.
  public var nanoseconds: Double
  /// Nanoseconds by a system call.
  public var trapNanoseconds: Double
  /// Whether Linux's own vDSO is meant to serve the call.
  public var isExpectedFast: Bool
  /// Whether the C library's call enters the kernel, as a filter against system calls has seen it; nil if there are no
  /// filters.
  public var entersKernel: Bool?

  public init(
    call: String, nanoseconds: Double, trapNanoseconds: Double, isExpectedFast: Bool, entersKernel: Bool? = nil
  ) {
    self.call = call
    self.nanoseconds = nanoseconds
    self.trapNanoseconds = trapNanoseconds
    self.isExpectedFast = isExpectedFast
    self.entersKernel = entersKernel
  }

  /// Whether the C library's call is a trap; if no filter has observed it, whether it takes more than half as long as one.
  public var traps: Bool { entersKernel ?? (nanoseconds > trapNanoseconds / 2) }
}
