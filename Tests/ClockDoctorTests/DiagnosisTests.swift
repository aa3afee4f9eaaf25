// SPDX-License-Identifier: Apache-2.0

@testable import ClockDoctor
import Testing

/// Machines as the reports of their users describe them.
private enum Machine {
  private static let calls = ["clock_gettime(CLOCK_REALTIME)", "clock_gettime(CLOCK_MONOTONIC)"]

  /// The costs of clock calls that take `nanoseconds`, on a machine where a trap takes 150.
  static func costs(_ nanoseconds: Double) -> [CallCost] {
    calls.map { CallCost(call: $0, nanoseconds: nanoseconds, trapNanoseconds: 150, isExpectedFast: true) }
      + [CallCost(call: "getpid()", nanoseconds: 100, trapNanoseconds: 100, isExpectedFast: false)]
  }

  static let healthy = ClockFacts(
    architecture: "x86_64", kernel: "6.1", clockSource: "tsc", availableClockSources: ["tsc", "hpet"],
    vdso: "linux-vdso.so.1", hasInvariantCounter: true, calls: costs(20), counterModeNanoseconds: 18)

  /// An old instance whose kernel prefers the hypervisor's clock.
  static let xen = ClockFacts(
    architecture: "x86_64", kernel: "4.4", clockSource: "xen", availableClockSources: ["xen", "tsc", "hpet"],
    vdso: "linux-vdso.so.1", hypervisor: "XenVMMXenVMM", hasInvariantCounter: true, calls: costs(145),
    counterModeNanoseconds: 18)

  /// A machine whose firmware has once disturbed the counters.
  static let unstable = ClockFacts(
    architecture: "x86_64", kernel: "6.1", clockSource: "hpet", availableClockSources: ["hpet", "acpi_pm"],
    vdso: "linux-vdso.so.1", hasInvariantCounter: true, calls: costs(600), counterModeNanoseconds: 18)

  static let withoutVDSO = ClockFacts(
    architecture: "x86_64", kernel: "6.1", clockSource: "tsc", vdso: nil, hasInvariantCounter: true,
    calls: costs(140), counterModeNanoseconds: 18)

  static let old = ClockFacts(
    architecture: "x86_64", kernel: "5.10", clockSource: "acpi_pm", availableClockSources: ["acpi_pm"],
    vdso: "linux-vdso.so.1", hasInvariantCounter: false, calls: costs(900))

  static let sandboxed = ClockFacts(
    architecture: "x86_64", kernel: "6.1", clockSource: nil, vdso: "linux-vdso.so.1", hasInvariantCounter: true,
    seccompFilters: 2, tracer: 77, isTimeShifted: true, calls: costs(20), counterModeNanoseconds: 18)
}

@Suite("Diagnosis of clocks")
struct DiagnosisTests {
  private func advice(_ facts: ClockFacts) -> String {
    Diagnosis(facts).findings.compactMap(\.advice).joined(separator: "\n")
  }

  private func text(_ facts: ClockFacts) -> String {
    Diagnosis(facts).findings.map(\.finding).joined(separator: "\n")
  }

  @Test("reports nothing slow if the vDSO serves every clock")
  func healthy() {
    let diagnosis = Diagnosis(Machine.healthy)
    #expect(!diagnosis.isSlow)
    #expect(!diagnosis.findings.contains { $0.severity == .slow })
    #expect(diagnosis.findings.allSatisfy { $0.advice == nil })
  }

  @Test("reports a call that traps on every Linux as a note and not as slow")
  func getpid() {
    let finding = Diagnosis(Machine.healthy).findings.first { $0.finding.contains("getpid()") }
    #expect(finding?.severity == .note)
  }

  @Test(
    "reports slow clocks if calls take as long as system calls",
    arguments: [Machine.xen, Machine.unstable, Machine.withoutVDSO, Machine.old])
  func slow(facts: ClockFacts) {
    let diagnosis = Diagnosis(facts)
    #expect(diagnosis.isSlow)
    #expect(diagnosis.findings.first?.severity == .slow)
    #expect(diagnosis.findings.first?.finding.contains("CLOCK_MONOTONIC") == true)
  }

  @Test("recommends a counter that the kernel offers")
  func xen() {
    #expect(advice(Machine.xen).contains("echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource"))
  }

  @Test("says where to look if the kernel distrusts an invariant counter")
  func unstable() {
    #expect(advice(Machine.unstable).contains("dmesg"))
    #expect(advice(Machine.unstable).contains("tsc=reliable"))
    #expect(advice(Machine.unstable).contains("demo-loader --clock-source tsc"))
  }

  @Test("reports that there is no vDSO, and possible reasons")
  func withoutVDSO() {
    #expect(text(Machine.withoutVDSO).contains("no vDSO"))
    #expect(advice(Machine.withoutVDSO).contains("vdso=0"))
  }

  @Test("promises no counter mode if no counter can serve")
  func old() {
    #expect(text(Machine.old).contains("not invariant"))
    #expect(!advice(Machine.old).contains("--clock-source"))
  }

  @Test("reports filters, a tracer and a time namespace")
  func surroundings() {
    for part in ["2 system call filters are", "process 77 traces", "time namespace", "clock source is unknown"] {
      #expect(text(Machine.sandboxed).contains(part))
    }
    #expect(!Diagnosis(Machine.sandboxed).isSlow)
  }

  @Test("trusts a filter's observation of a call more than the call's duration")
  func seen() {
    var facts = Machine.healthy
    facts.calls[0].entersKernel = true
    #expect(Diagnosis(facts).isSlow)
    facts = Machine.xen
    for index in facts.calls.indices { facts.calls[index].entersKernel = false }
    #expect(!Diagnosis(facts).isSlow)
  }

  @Test("recognizes sandboxes by their traces")
  func sandboxes() {
    func found(_ version: String, _ label: String? = nil, _ container: String? = nil, docker: Bool = false) -> [String]
    {
      Sandbox.found(version: version, label: label, container: container, hasDockerMark: docker, hasPodmanMark: false)
    }
    #expect(found("Linux version 6.1.0 (gcc) #1 SMP\n", "unconfined").isEmpty)
    #expect(found("Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n") == ["gVisor"])
    #expect(found("Linux version 6.1", "docker-default (enforce)", docker: true).count == 2)
    #expect(found("Linux version 6.1", nil, "lxc", docker: true) == ["a container (lxc)"])
    var facts = Machine.xen
    facts.sandboxes = ["gVisor"]
    #expect(text(facts).contains("this process is in gVisor") && advice(facts).contains("outside"))
  }

  @Test("reads this machine's facts from /proc and /sys")
  func here() {
    let facts = ClockFacts.readHere(vdso: nil)
    #expect(!facts.kernel.isEmpty && facts.kernel != "unknown")
    if let source = facts.clockSource {
      #expect(facts.availableClockSources.contains(source))
    }
    #expect(facts.tracer == 0)
  }
}
