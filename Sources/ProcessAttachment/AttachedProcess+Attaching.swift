// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
import ELF
public import ExecEngine
import ProcessSupport
import SimulatedKernel
import TimePages
import VDSOResolver

extension AttachedProcess {
  /// Makes a running process read its clocks from the pages of `supply`, in all its threads.
  ///
  /// One thread is stopped while it maps the pages, and then all threads while the functions are changed. If anything fails, everything is
  /// restored. If this process is killed meanwhile, the functions that share a page are either all old or all changed.
  public static func attach(to process: Int32, _ supply: PageProvider) throws(AttachError) -> AttachedProcess {
    for _ in 0..<executions {
      let image = imageAddress(of: process)
      do throws(AttachError) {
        return try attachOnce(to: process, supply)
      } catch {
        // If the process has executed another program meanwhile, the plan for the previous one fails.
        guard image != imageAddress(of: process), ProcessFiles.state(of: process) != nil else { throw error }
      }
    }
    throw AttachError("process \(process) executes one program after the other: try again")
  }

  /// The number of programs that a process may execute before attaching gives up.
  private static let executions = 20

  private static func imageAddress(of process: Int32) -> UInt64? {
    (try? SmallFile.contents(of: "/proc/\(process)/maps")).flatMap { ProcessMap($0).vdso?.lowerBound }
  }

  private static func attachOnce(to process: Int32, _ supply: PageProvider) throws(AttachError) -> AttachedProcess {
    let target = try AttachTarget(process)
    let image = target.image
    guard let base = target.map.gap(of: 4 * stride, near: image.address) else {
      throw AttachError("process \(process) has no free addresses within 2 GiB of its vDSO")
    }
    guard let gap = image.unusedBytes(Int(LINUX_CALL_STUB_CAPACITY)) else {
      throw AttachError("the kernel's vDSO has no space for the code by which process \(process) maps the pages")
    }
    let header = base + 2 * stride
    let record = try record(of: image, in: target.memory, at: header + stride)
    var host = HostEntryPoints(image)
    func moved(_ function: VDSOFunction) -> UInt64 {
      record.functions.first { $0.address == image.resolve(function).address }?.moved ?? 0
    }
    (host.clockGettime, host.clockGetres, host.time) = (moved(.clockGettime), moved(.clockGetres), moved(.time))
    guard case .code(let code)? = supply.image(image.object.header.machine, host), code.count == Int(VDSO_PAGE_SIZE),
      let object = try? SharedObject(memory: code), let ours = try? VDSOImage(object, mappedAt: header)
    else { throw AttachError("the session has no page for the architecture of process \(process)") }
    let gapBytes = [UInt8](repeating: 0xcc, count: Int(stride) - code.count)
    let contents = code + gapBytes + record.bytes(at: header + stride)
    let patch = try FunctionPatch(image, record, target.memory) { ours.resolve($0).address }

    let threads = StoppedProcess(process, suspendsFilters: target.hasFilters)
    defer { threads.release() }
    let pages = PagePlacement(
      process: process, task: try threads.stopForCalls(), base: base, code: contents, gap: gap)
    try pages.place(supply, isElsewhere: supply.hasHostPage && !linux_shares_time_namespace(process))
    var result = AttachedProcess(process: process, header: header, image: image, record: record)
    do throws(AttachError) {
      try threads.stopAll()
      for task in threads.stopped { result.leaveFunctions(task) }
      try patch.apply(to: process)
      result.threadCount = threads.threadCount
      threads.release()
      result.stopTime = threads.stopTime
    } catch {
      try? pages.remove()
      throw error
    }
    return result
  }

  /// The changes to the kernel's functions, and the addresses of their moved first instructions.
  private static func record(
    of image: VDSOImage, in memory: ProcessMemory, at page: UInt64
  ) throws(AttachError) -> AttachmentRecord {
    var record = AttachmentRecord()
    for function in functions {
      guard let address = image.resolve(function).address else { continue }
      let code = memory.bytes(at: address, count: 1024)
      let place = record.nextPlace(page)
      do throws(Prologue.Flaw) {
        _ = try Prologue(of: code, at: address, movedTo: place)
      } catch {
        throw AttachError(
          "\(function.name) of the kernel's vDSO can't be changed: it \(error.description); start the program with demo-loader instead"
        )
      }
      record.functions.append(
        .init(address: address, moved: place, original: Array(code.prefix(AttachmentRecord.originalSize))))
    }
    guard !record.functions.isEmpty else { throw AttachError("the kernel's vDSO has no clock functions") }
    return record
  }

  /// Makes a stopped thread continue in the moved code if it is within the first instructions of a function, now or in code that a signal
  /// has interrupted.
  private func leaveFunctions(_ task: TracedTask) {
    guard var registers = try? task.registers() else { return }
    let addresses = record.functions.map { $0.address }
    let range = (addresses.min() ?? 0)..<(addresses.max() ?? 0) + UInt64(AttachmentRecord.originalSize)
    func moved(_ position: UInt64) -> UInt64? {
      range.contains(position) ? record.functions.lazy.compactMap { $0.moved(position) }.first : nil
    }
    if let place = unsafe moved(linux_program_counter(&registers)) {
      unsafe linux_set_program_counter(&registers, place)
      try? task.setRegisters(registers)
    }
    for context in SavedContexts.above(registers.stackPointer, in: range, of: process) {
      if let place = moved(context.program_counter) { rewrite(context, to: place) }
    }
  }

  func rewrite(_ context: linux_saved_context, to place: UInt64) {
    var bytes: [UInt8] = []
    ByteOrder.littleEndian.append(place, to: &bytes)
    try? ProcessMemory(pid: process).write(bytes, at: context.place)
  }
}

extension Prologue.Flaw: CustomStringConvertible {
  var description: String {
    switch self {
    case .short: "is too short for a jump"
    case .unknown: "begins with an unknown instruction"
    case .loop: "jumps back to its first instructions"
    }
  }
}
