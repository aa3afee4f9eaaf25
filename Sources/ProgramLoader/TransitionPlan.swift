// SPDX-License-Identifier: Apache-2.0

import AuxvLoader

/// The values that the auxiliary vector and /proc show of a program that is in memory.
struct TransitionPlan: Hashable, Sendable {
  let entry: UInt64
  let programHeaders: UInt64
  let programHeaderCount: Int
  let programHeaderEntrySize: UInt16
  /// The interpreter's load bias, 0 without one.
  let interpreterBase: UInt64
  let stackIsExecutable: Bool
  let statesItsStack: Bool
  let bounds: LoadPlan.Bounds
  let bias: UInt64
  /// The number of pages between the program and its break.
  let breakGap: UInt64

  /// `breakPages` is the number of pages among which the gap is chosen, unless the process has randomization switched off.
  init(program: borrowing ProgramMapping, linkerBase: UInt64?, breakPages: UInt64) {
    let plan = program.plan
    bias = program.bias
    entry = program.entry
    programHeaders = plan.programHeaders &+ program.bias
    statesItsStack = plan.statesItsStack
    breakGap = Personality.current.randomizesAddresses ? UInt64.random(in: 1..<breakPages) : 0
    programHeaderCount = plan.programHeaderCount
    programHeaderEntrySize = plan.programHeaderEntrySize
    interpreterBase = linkerBase ?? 0
    stackIsExecutable = plan.stackIsExecutable
    bounds = plan.bounds
  }

  /// The program's auxiliary entries, made from `vector`, which is this process's.
  func auxiliary(_ vector: AuxiliaryVector, _ vdso: ProgramVDSO) -> [(key: UInt64, value: UInt64)] {
    var vector = vector
    vector[.programHeaders] = programHeaders
    vector[.programHeaderCount] = UInt64(programHeaderCount)
    vector[.programHeaderEntrySize] = UInt64(programHeaderEntrySize)
    vector[.interpreterBase] = interpreterBase
    vector[.entry] = entry
    switch vdso {
    case .kernel: break
    case .none:
      vector[.vdso] = nil
      vector[.systemCallEntry] = nil
    case .mapped(let header, _): vector[.vdso] = header
    }
    return vector.entries.filter { $0.key != .null }.map { ($0.key.rawValue, $0.value) }
  }

  /// `struct prctl_mm_map`, as words: bounds of code, data, break, stack, arguments and environment; the auxiliary vector, whose bytes are
  /// at `vector`; the descriptor of the executable, or -1.
  ///
  /// The kernel refuses the whole structure if one address is below vm.mmap_min_addr, or if there is no code. In these cases it gets the
  /// least values that it accepts.
  func memoryMap(_ stack: InitialStack, vector: UInt64, executable: Int32) -> [UInt64] {
    // The kernel's CONFIG_LSM_MMAP_MIN_ADDR applies too, and /proc doesn't show it. 64 KiB is the greatest value in use. Programs above
    // 4 GiB, which position-independent ones are, lie above every limit, and reading it takes long.
    let isHigh = min(bounds.code.lowerBound, bounds.data.lowerBound) &+ bias >= 1 << 32
    let lowest = isHigh ? 0x1_0000 : max(Kernel.lowestAddress, 0x1_0000)
    func raised(_ range: Range<UInt64>) -> Range<UInt64> {
      let start = max(range.lowerBound, lowest)
      return start..<max(range.upperBound, start)
    }
    let data = raised(bounds.data.shifted(by: bias))
    let code = bounds.code.isEmpty ? data : raised(bounds.code.shifted(by: bias))
    let end = max((bounds.end &+ bias).roundedUp(to: ProgramLoader.pageSize), lowest)
    let brk = end &+ breakGap &* ProgramLoader.pageSize
    return [
      code.lowerBound, max(code.upperBound, code.lowerBound + 1), data.lowerBound, data.upperBound, brk, brk,
      stack.stackPointer, stack.arguments.lowerBound, stack.arguments.upperBound, stack.environment.lowerBound,
      stack.environment.upperBound, vector,
      UInt64(stack.auxiliaryVector.count) | UInt64(UInt32(bitPattern: executable)) << 32,
    ]
  }
}
