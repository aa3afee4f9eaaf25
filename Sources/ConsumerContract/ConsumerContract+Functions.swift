// SPDX-License-Identifier: Apache-2.0

import ELF
import VDSOResolver

extension ConsumerContract {
  /// Rules about functions. Each must be found by its name and version, be code, and lie inside the segment.
  static let functionRules = [
    function(
      .clockGettime,
      [
        ConsumerEffect("rustix, 64-bit", .crash, "panics when it first uses the vDSO"),
        ConsumerEffect("glibc, musl, Go, Zig", .slow, "make a system call for every clock reading"),
      ]),
    function(
      .clockGettime64,
      [
        ConsumerEffect("glibc, musl", .slow, "use the 32-bit function, and make a system call from 2038 on"),
        ConsumerEffect("rustix, 32-bit", .slow, "makes a system call for every clock reading"),
      ]),
    function(.gettimeofday, [ConsumerEffect("glibc, Go on x86_64", .slow, "make a system call for gettimeofday")]),
    function(.time, [ConsumerEffect("glibc on x86 and PowerPC", .slow, "makes a system call for time")]),
    function(.clockGetres, [ConsumerEffect("glibc", .slow, "makes a system call for clock_getres")]),
    function(
      .getcpu,
      [
        ConsumerEffect("rustix", .crash, "panics when it first uses the vDSO"),
        ConsumerEffect("glibc without rseq, musl on x86_64", .slow, "make a system call for sched_getcpu"),
      ], machines: [.x86_64, .riscv, .ppc64, .s390]),
    function(
      .getrandom, [ConsumerEffect("glibc from 2.41, Go from 1.24", .slow, "make a system call for random bytes")]),
    ContractRule(
      "__kernel_vsyscall", "On i386, __kernel_vsyscall is there at LINUX_2.5, and e_entry is its address.",
      [
        ConsumerEffect("rustix", .crash, "panics when it first uses the vDSO"),
        ConsumerEffect("glibc without AT_SYSINFO", .crash, "makes its system calls by a jump to e_entry"),
      ],
      finding: systemCallEntry),
    ContractRule(
      "functions inside", "Every function lies inside an executable PT_LOAD.",
      [ConsumerEffect("rustix", .crash, "panics"), ConsumerEffect("others", .crash, "jump outside the image")]
    ) { facts in
      facts.defined.first { $0.type == .function && !lies($0, in: facts.segments) }.map {
        "\($0.name), \(hexadecimal($0.value)), is outside"
      }
    },
  ]

  /// The rule that an image serves a function if Linux's image for the architecture does.
  private static func function(
    _ function: VDSOFunction, _ consumers: [ConsumerEffect], machines: [Machine]? = nil
  ) -> ContractRule {
    ContractRule(
      function.name, "\(function.name) is found by Linux's name and version.", consumers,
      newerFunction: newer.contains(function) ? function : nil
    ) { facts in
      guard let catalog = facts.catalog, catalog.linuxFunctions.contains(function),
        machines?.contains(facts.header.machine) ?? true, case .trap(let reason) = facts.resolution(of: function)
      else { return nil }
      return "\(catalog.symbolName(function))@\(catalog.version): \(reason)"
    }
  }

  /// The functions that Linux has since 6.11 and 5.3.
  private static let newer: [VDSOFunction] = [.getrandom, .clockGettime64]

  private static func lies(_ symbol: Symbol, in segments: [ProgramHeader]) -> Bool {
    segments.contains { segment in
      guard segment.type == .load, segment.flags.contains(.execute), symbol.value >= segment.virtualAddress else {
        return false
      }
      let skipped = symbol.value - segment.virtualAddress
      return skipped < segment.memorySize && symbol.size <= segment.memorySize - skipped
    }
  }

  private static func systemCallEntry(_ facts: ImageFacts) -> String? {
    guard facts.header.machine == .i386 else { return nil }
    let symbol = facts.defined.first { $0.name == "__kernel_vsyscall" && $0.version == "LINUX_2.5" }
    guard let symbol else { return "there is no __kernel_vsyscall@LINUX_2.5" }
    return symbol.value == facts.header.entry
      ? nil
      : "e_entry is \(hexadecimal(facts.header.entry)), the function at \(hexadecimal(symbol.value))"
  }
}
