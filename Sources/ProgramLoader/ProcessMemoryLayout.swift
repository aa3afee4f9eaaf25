// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import Glibc
import ProcessSupport

/// The part of this process's memory that the program keeps: the stack, and the kernel's vDSO.
struct ProcessMemoryLayout: Hashable, Sendable {
  private(set) var stackRange: Range<UInt64>
  private(set) var kernelPages: [Range<UInt64>]
  private(set) var vector: AuxiliaryVector
  private(set) var platform: [UInt8]?
  /// The kernel's vDSO that replaces this process's.
  private(set) var kernelVDSO: CompatibilityVDSO?

  /// Reads the layout of this process. Errors name `program`.
  init(neededFor program: borrowing ProgramImage) throws(LoadError) {
    let text: [UInt8]
    do throws(SystemError) {
      text = try ProcessMapping.first.get()
    } catch {
      throw program.file.error(
        .process(SystemError("read /proc/self/maps", errno: error.errno, hint: "mount /proc").description))
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
    // Inside a session, this process's vector leads to the session's page, so the kernel's image is looked up in the mappings.
    if let image = regions.first(where: { $0.isKernelImage }) { vector[.vdso] = image.range.lowerBound }
    platform = vector.entries.first { $0.key == .platform }.flatMap { $0.followed(in: .own) }
  }

  /// The layout for an i386 program, which needs a stack that it can address, and the kernel's 32-bit vDSO.
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

  /// The pages of the stack below `pointer`. The program uses nothing in them.
  func stalePages(below pointer: UInt64) -> Range<UInt64> {
    // A larger stack grows when it is written to.
    stackRange.lowerBound..<max(stackRange.lowerBound, pointer.roundedDown(to: ProgramLoader.pageSize))
  }

  /// All pages that the program finds mapped at its start besides its own, wherever it is linked.
  func stayingPages(with vdso: ProgramVDSO) -> [Range<UInt64>] {
    var pages = kernelPages + [stackRange]
    if case .mapped(_, let own) = vdso {
      pages.append(own.lowerBound..<own.upperBound.roundedUp(to: ProgramLoader.pageSize))
    }
    if let kernelVDSO { pages.append(kernelVDSO.pages) }
    return pages
  }

  /// The stack that the program starts on, at the top of this one. Throws E2BIG if the stack may not grow that large.
  func stack(
    _ parts: TransitionPlan, _ vdso: ProgramVDSO, _ invocation: ProgramLoader.Invocation
  ) throws(Errno) -> InitialStack {
    let stack = InitialStack(
      top: stackRange.upperBound, wordSize: invocation.abi.wordSize, executablePath: invocation.path,
      arguments: invocation.arguments, environment: invocation.environment, platform: platform,
      random: try Kernel.randomBytes(16), auxiliary: parts.auxiliary(vector, vdso))
    let limit = (try? Kernel.stackLimit()) ?? .max
    guard stack.bytes.count <= stackRange.count || UInt64(stack.bytes.count) < limit else {
      throw Errno.argumentListTooLong
    }
    return stack
  }
}
