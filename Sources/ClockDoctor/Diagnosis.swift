// SPDX-License-Identifier: Apache-2.0

/// Why clocks are fast or slow on a machine, and what to do about it, from `ClockFacts` alone.
public struct Diagnosis: Hashable, Codable, Sendable {
  /// The findings, the most useful for a person first.
  public let findings: [Finding]

  /// Whether a call that the kernel's vDSO is meant to serve traps.
  public let isSlow: Bool

  public init(_ facts: ClockFacts) {
    let slow = facts.calls.filter { $0.isExpectedFast && $0.traps }
    isSlow = !slow.isEmpty
    findings =
      Self.calls(slow, facts) + Self.vdso(facts) + Self.clockSource(facts, isSlow: !slow.isEmpty)
      + Self.surroundings(facts, isSlow: !slow.isEmpty) + Self.counterMode(facts)
  }

  private static func calls(_ slow: [CallCost], _ facts: ClockFacts) -> [Finding] {
    let fast = facts.calls.filter { $0.isExpectedFast && !$0.traps }.count
    var found: [Finding] = []
    if fast > 0 {
      found.append(Finding(.good, "\(fast) of \(fast + slow.count) clock calls are served without a system call"))
    }
    if !slow.isEmpty {
      found.append(Finding(.slow, "\(slow.map(\.call).joined(separator: ", ")): each reading is a system call"))
    }
    let always = facts.calls.filter { !$0.isExpectedFast && $0.traps }
    if !always.isEmpty {
      found.append(
        Finding(
          .note, "\(always.map(\.call).joined(separator: ", ")): system calls on every Linux of this architecture"))
    }
    return found
  }

  private static func vdso(_ facts: ClockFacts) -> [Finding] {
    if let vdso = facts.vdso {
      return [Finding(.good, "this process has a vDSO, \(vdso)")]
    }
    return [
      Finding(
        .slow, "this process has no vDSO: its auxiliary vector names none",
        advice: """
          look for vdso=0 in /proc/cmdline; valgrind, user-mode emulation and some sandboxes also hide the vDSO: \
          there demo-loader can give programs its own page
          """)
    ]
  }

  /// Sources whose counter a program can read, so that a vDSO can use them.
  private static let readableSources: Set<String> = [
    "tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter", "riscv_clocksource", "stick", "tick",
    "timebase", "Constant", "MIPS",
  ]

  private static func clockSource(_ facts: ClockFacts, isSlow: Bool) -> [Finding] {
    guard let source = facts.clockSource else {
      return [Finding(.note, "the clock source is unknown, because /sys/devices/system/clocksource can't be read here")]
    }
    let isReadable = readableSources.contains(source)
    guard isSlow, !isReadable else {
      return [
        Finding(
          isReadable ? .good : .note, "the clock source is \(source)\(isReadable ? ", which programs can read" : "")")
      ]
    }
    return [
      Finding(.slow, "the clock source is \(source), which programs can't read", advice: remedy(for: source, facts))
    ]
  }

  private static func remedy(for source: String, _ facts: ClockFacts) -> String {
    if facts.availableClockSources.contains("tsc") {
      let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
      if source == "xen" {
        return
          "if the host's counter is invariant: echo tsc > \(path), and clocksource=tsc on the kernel's command line to keep it"
      }
      return "echo tsc > \(path), and clocksource=tsc on the kernel's command line to keep it"
    }
    if facts.hasInvariantCounter == true {
      return """
        the counter is invariant, but the kernel has marked it unstable: dmesg | grep -i tsc says why; tsc=reliable \
        overrides it at your risk
        """
    }
    return "no better source is available: \(facts.availableClockSources.joined(separator: ", "))"
  }

  private static func surroundings(_ facts: ClockFacts, isSlow: Bool) -> [Finding] {
    var found: [Finding] = []
    if let hypervisor = facts.hypervisor {
      found.append(
        Finding(.note, "this is a virtual machine (\(hypervisor)): its host decides which counters are stable"))
    }
    if facts.hasInvariantCounter == false {
      found.append(Finding(.note, "the cycle counter is not invariant: no page can serve a clock from it"))
    }
    if facts.seccompFilters > 0 {
      found.append(
        Finding(
          isSlow ? .slow : .note,
          "\(facts.seccompFilters) system call \(facts.seccompFilters == 1 ? "filter is" : "filters are") in force: "
            + "each system call goes through \(facts.seccompFilters == 1 ? "it" : "them")"))
    }
    if facts.isStrictlyConfined {
      found.append(
        Finding(
          .note, "seccomp's strict mode is in force: a clock reading that makes a system call would kill the process"))
    }
    if !facts.sandboxes.isEmpty {
      found.append(
        Finding(
          isSlow ? .slow : .note, "this process is in \(facts.sandboxes.joined(separator: ", "))",
          advice: isSlow ? "compare with demo-loader doctor outside it" : nil))
    }
    if facts.tracer != 0 {
      found.append(Finding(.note, "process \(facts.tracer) traces this one and may stop it at each system call"))
    }
    if facts.isTimeShifted {
      found.append(Finding(.note, "a time namespace shifts the monotonic clocks; the kernel's vDSO adds the offset"))
    }
    return found
  }

  private static func counterMode(_ facts: ClockFacts) -> [Finding] {
    guard let ours = facts.counterModeNanoseconds,
      let theirs = facts.calls.first(where: { $0.call.contains("CLOCK_REALTIME)") })?.nanoseconds, ours > 0
    else { return [Finding(.note, "demo-loader can't serve clocks from the cycle counter here")] }
    let percent = Int((ours / theirs * 100).rounded())
    let nanoseconds = (ours * 10).rounded() / 10
    let isWorthIt = percent <= 60
    return [
      Finding(
        isWorthIt ? .slow : .good,
        "demo-loader's counter mode would take \(nanoseconds) ns, \(percent) % of the time of clock_gettime(CLOCK_REALTIME)",
        advice: isWorthIt ? "demo-loader --clock-source tsc PROG" : nil)
    ]
  }
}
