// SPDX-License-Identifier: Apache-2.0

import ELF

extension ConsumerContract {
  /// Rules that debuggers, profilers and checkpointing tools rely on.
  static let toolRules = [
    ContractRule(
      "gap for a jump", "The next function begins at least 16 bytes (i386: 11) after the start of a function.",
      [
        ConsumerEffect("CRIU", .crash, "overwrites the beginning of the next function when it restores a process"),
        ConsumerEffect("Reverie", .tools, "panics, or overwrites the next function"),
      ],
      finding: roomForJump),
    ContractRule(
      "gap after names", "31 bytes can be read from the start of each name.",
      [ConsumerEffect("CRIU", .tools, "reads past the image's last page")]
    ) { facts in
      let end = (facts.dynamic[.strings] ?? 0) &+ (facts.dynamic[.stringsSize] ?? 0)
      let last = facts.segments.filter { $0.type == .load }.map { $0.virtualAddress &+ $0.memorySize }.max() ?? 0
      // The shortest name is empty, so it may start at the strings' last byte.
      return end &+ 30 <= (last &+ 4095) & ~4095
        ? nil : "the strings end \(((last &+ 4095) & ~4095) &- end) bytes before"
    },
    ContractRule(
      "system call", "The code contains a system call instruction.",
      [ConsumerEffect("rr", .tools, "fails an assertion: it executes the program's system calls there")]
    ) { facts in
      guard let instruction = systemCall(facts.header.machine) else { return nil }
      let isThere = facts.code.contains { code in code.indices.contains { code[$0...].starts(with: instruction) } }
      return isThere ? nil : "there is none"
    },
    ContractRule(
      "unwind table", "PT_GNU_EH_FRAME, or on 32-bit ARM PT_ARM_EXIDX, points to a table.",
      [
        ConsumerEffect("gdb, libunwind, C++ exceptions", .tools, "end backtraces in the vDSO, or crash (on AArch64)"),
        ConsumerEffect("async-profiler", .tools, "shows the caller as unknown"),
        ConsumerEffect("pprof-rs", .crash, "crashes at an index of zeros"),
      ]
    ) { facts in
      // 32-bit ARM has a kind of unwind index of its own.
      if facts.header.machine == .arm, facts.segments.contains(where: { $0.type == .armUnwindIndex && $0.fileSize > 0 })
      {
        return nil
      }
      guard facts.segments.contains(where: { $0.type == .unwindTable }) else { return "there is no PT_GNU_EH_FRAME" }
      if facts.unwindTable.isEmpty { return "PT_GNU_EH_FRAME is empty" }
      return facts.unwindTable.allSatisfy { $0 == 0 } ? "its bytes are all zero" : nil
    },
    ContractRule(
      "section headers", "The image has section headers.",
      [ConsumerEffect("gdb, libdw", .tools, "show no names for the vDSO's functions")]
    ) { facts in
      let header = facts.header
      if header.sectionHeaderOffset == 0 || header.sectionHeaderCount == 0 { return "there are none" }
      let size = UInt64(header.sectionHeaderCount) * UInt64(header.sectionHeaderEntrySize)
      return header.sectionHeaderOffset <= facts.byteCount && size <= facts.byteCount - header.sectionHeaderOffset
        ? nil : "they end at \(header.sectionHeaderOffset &+ size), the image at \(facts.byteCount)"
    },
    ContractRule(
      "soname", "DT_SONAME is the name that Linux uses.",
      [
        ConsumerEffect(
          "AddressSanitizer", .crash,
          "stops every program that gcc -fsanitize=address built: it takes the image for a library that was loaded before it"
        ),
        ConsumerEffect("staticx, PyInstaller", .tools, "stop at a library that ldd lists and that isn't a file"),
        ConsumerEffect("Linux's self-tests", .tools, "don't find the image, because they open it by its name"),
      ]
    ) { facts in
      guard let expected = soname(facts.header.machine) else { return nil }
      return facts.symbols.soname == expected ? nil : "it is \(facts.symbols.soname ?? "absent"), not \(expected)"
    },
  ]

  private static func roomForJump(_ facts: ImageFacts) -> String? {
    let functions = facts.defined.filter { $0.type == .function }.sorted { $0.value < $1.value }
    let least: UInt64 = facts.header.machine == .i386 ? 11 : 16
    for (symbol, next) in zip(functions, functions.dropFirst())
    where next.value != symbol.value && next.value - symbol.value < least
      && isOverwritten(symbol.name, facts.header.machine)
    {
      return "\(next.name) begins \(next.value - symbol.value) bytes after the start of \(symbol.name)"
    }
    return nil
  }

  /// Whether a tool puts a jump there: on s390 CRIU does so in these functions only.
  private static func isOverwritten(_ name: String, _ machine: Machine) -> Bool {
    machine != .s390
      || ["gettimeofday", "clock_gettime", "clock_getres", "getcpu"].contains { name == "__kernel_\($0)" }
  }

  private static func systemCall(_ machine: Machine) -> [UInt8]? {
    switch machine {
    case .x86_64: [0x0f, 0x05]  // syscall
    case .i386: [0xcd, 0x80]  // int $0x80
    case .aarch64: [0x01, 0x00, 0x00, 0xd4]  // svc #0
    case .riscv: [0x73, 0x00, 0x00, 0x00]  // ecall
    default: nil
    }
  }

  private static func soname(_ machine: Machine) -> String? {
    switch machine {
    case .i386: "linux-gate.so.1"
    case .x86_64, .aarch64, .riscv, .loongarch, .arm: "linux-vdso.so.1"
    default: nil
    }
  }
}
