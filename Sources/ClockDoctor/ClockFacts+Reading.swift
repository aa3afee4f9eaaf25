// SPDX-License-Identifier: Apache-2.0

import ProcessSupport
import TimePages

extension ClockFacts {
  /// The facts of this process and machine, except those that have to be measured.
  ///
  /// Reads /proc and /sys; a fact that can't be read counts as absent.
  public static func readHere(vdso: String?) -> ClockFacts {
    let sources = "/sys/devices/system/clocksource/clocksource0"
    let processor = ProcessorFeatures.ofThisProcessor
    let status = SmallFile.fields("/proc/self/status")
    return ClockFacts(
      architecture: machine,
      kernel: SmallFile.line("/proc/sys/kernel/osrelease") ?? "unknown",
      clockSource: SmallFile.line("\(sources)/current_clocksource"),
      availableClockSources: SmallFile.line("\(sources)/available_clocksource")?.split(separator: " ").map(String.init)
        ?? [],
      vdso: vdso, hypervisor: processor.hypervisor, hasInvariantCounter: processor.hasInvariantCounter,
      seccompFilters: status["Seccomp_filters"].flatMap { Int($0) } ?? 0,
      isStrictlyConfined: status["Seccomp"] == "1", sandboxes: Sandbox.here,
      tracer: status["TracerPid"].flatMap { Int($0) } ?? 0,
      isTimeShifted: isTimeShifted(SmallFile.text("/proc/self/timens_offsets") ?? ""), calls: [])
  }

  /// Whether a line of /proc/PID/timens_offsets, "monotonic SECONDS NANOSECONDS", shifts its clock.
  static func isTimeShifted(_ offsets: String) -> Bool {
    offsets.split(separator: "\n").contains { line in
      line.split(separator: " ").dropFirst().contains { Int64($0) ?? 0 != 0 }
    }
  }

  private static var machine: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #elseif arch(i386)
      "i686"
    #elseif arch(riscv64)
      "riscv64"
    #else
      "unknown"
    #endif
  }
}
