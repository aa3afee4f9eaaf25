// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import Glibc
import ProcessSupport

/// What of this process's memory the program goes on with: its stack, and the kernel's vDSO.
struct ProcessMemoryLayout: Hashable, Sendable {
  private(set) var stackRange: Range<UInt64>
  private(set) var kernelPages: [Range<UInt64>]
  private(set) var vector: AuxiliaryVector
  private(set) var platform: [UInt8]?
  /// The kernel's vDSO that is to be mapped in the place of this process's.
  private(set) var kernelVDSO: CompatibilityVDSO?

  /// Looks at this process, for `program`, which errors name.
  init(neededFor program: borrowing ProgramImage) throws(LoadError) {
    let text: [UInt8]
    do throws(SystemError) {
      text = try SmallFile.contents(of: "/proc/self/maps")
    } catch {
      throw program.file.error(
        .process("cannot read /proc/self/maps (\(error.errno)); mount /proc"))
    }
    let regions = ProcessMapping.list(text)
    guard let stack = regions.first(where: { $0.isStack }) else {
      throw program.file.error(.process("this thread does not run on the kernel's stack"))
    }
    stackRange = stack.range
    kernelPages = regions.filter { $0.isKernelVDSO }.map { $0.range }
    do throws(AuxvError) {
      vector = try AuxiliaryVector.current()
    } catch {
      throw program.file.error(.process("\(error)"))
    }
    // In a session of programs this process's vector leads to its page.
    if let image = regions.first(where: { $0.isKernelImage }) { vector[.vdso] = image.range.lowerBound }
    platform = vector.entries.first { $0.key == .platform }.flatMap { $0.followed(in: .own) }
  }

  /// What an i386 program goes on with instead: a stack that it can reach, and the kernel's 32-bit vDSO.
  func compatible(stack: Range<UInt64>, vdso: CompatibilityVDSO) -> ProcessMemoryLayout {
    var layout = self
    layout.stackRange = stack
    layout.kernelPages = []
    layout.kernelVDSO = vdso
    layout.platform = Array("i686".utf8)
    layout.vector[.vdso] = vdso.header
    if let entry = vdso.systemCallEntry {
      layout.vector.entries.insert(AuxiliaryVector.Entry(.systemCallEntry, entry), at: 0)
    }
    return layout
  }

  /// The pages of the stack below `pointer`: nothing in them is the program's.
  func stalePages(below pointer: UInt64) -> Range<UInt64> {
    // A larger stack grows when it is written to.
    stackRange.lowerBound..<max(stackRange.lowerBound, pointer.roundedDown(to: ProgramLoader.pageSize))
  }

  /// Everything that is under the program from its start, wherever that is linked for.
  func stayingPages(with vdso: ProgramVDSO) -> [Range<UInt64>] {
    var pages = kernelPages + [stackRange]
    if case .mapped(_, let own) = vdso {
      pages.append(own.lowerBound..<own.upperBound.roundedUp(to: ProgramLoader.pageSize))
    }
    if let kernelVDSO { pages.append(kernelVDSO.pages) }
    return pages
  }

  /// The stack that the program starts on, at the top of this one. Throws E2BIG where the stack may not grow so far.
  func stack(
    _ parts: TransitionPlan, _ vdso: ProgramVDSO, _ invocation: ProgramLoader.Invocation
  ) throws(Errno) -> InitialStack {
    let stack = InitialStack(
      top: stackRange.upperBound, wordSize: invocation.abi.wordSize, executablePath: invocation.path,
      arguments: invocation.arguments, environment: invocation.environment, platform: platform,
      random: try Kernel.randomBytes(16), auxiliary: parts.auxiliary(vector, vdso))
    let limit = (try? Kernel.limit(RLIMIT_STACK)) ?? .max
    guard stack.bytes.count <= stackRange.count || UInt64(stack.bytes.count) < limit else {
      throw Errno.argumentListTooLong
    }
    return stack
  }
}
