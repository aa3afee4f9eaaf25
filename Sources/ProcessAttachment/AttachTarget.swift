// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import ExecEngine
import Glibc
import ProcessSupport
import TimePages
import VDSOResolver

/// A process that can be attached to, as far as that can be found out without stopping it.
public struct AttachTarget {
  public let process: Int32
  let map: ProcessMap
  let memory: ProcessMemory
  /// The kernel's image.
  let image: VDSOImage
  let site: CallSite
  /// How many filters its system calls pass that aren't the session's; nil if that isn't known.
  let filterCount: Int?
  /// Whether the session's filter is installed already.
  public let hasSessionsFilter: Bool
  /// Whether a filter can be installed without taking rights from it.
  public let mayFilterCalls: Bool

  /// Whether it is a 32-bit program.
  public var is32Bit: Bool { image.width == .bits32 }

  /// Whether its system calls pass filters that aren't the session's.
  public var hasFilters: Bool { filterCount != 0 }

  /// How often, and how many nanoseconds apart, a process is looked at that may be executing a program.
  private static let attempts = 20
  private static let pause: UInt64 = 1_000_000

  /// With `hasSessionsFilter` one of its filters has been taken over for the session.
  public init(_ process: Int32, hasSessionsFilter: Bool = false) throws(AttachError) {
    for _ in 0..<Self.attempts {
      do throws(AttachError) {
        self = try AttachTarget(atOnce: process, hasSessionsFilter)
        return
      } catch {
        guard error.mayPass else { throw error }
        HostClock.sleep(nanoseconds: Self.pause)
      }
    }
    self = try AttachTarget(atOnce: process, hasSessionsFilter)
  }

  private init(atOnce process: Int32, _ hasSessionsFilter: Bool) throws(AttachError) {
    guard Machine.native == .x86_64 else {
      throw AttachError(
        "attaching is not possible on \(Machine.native), only on x86_64: start the program with demo-loader instead")
    }
    self.process = process
    self.hasSessionsFilter = hasSessionsFilter
    let status = try Self.status(process)
    let maps = try Self.maps(process)
    map = ProcessMap(maps)
    memory = ProcessMemory(pid: process)
    // A supervisor that traces it leaves it when it is asked to.
    if status.tracer != 0, status.tracer != getpid(), !ProcessExtent.isSupervisor(status.tracer) {
      throw Self.isTraced(process, by: status.tracer)
    }
    if memory.failure(at: map.ranges.first?.lowerBound ?? 0) == EPERM { throw Self.refusal(process, status) }
    guard let vdso = map.vdso, let image = try? VDSOImage(in: memory, at: vdso.lowerBound) else {
      throw AttachError(
        "process \(process) has no vDSO of the kernel's (vdso=0 on the kernel's command line?): its clocks are system calls",
        mayPass: true)
    }
    guard image.object.header.machine == (image.width == .bits32 ? .i386 : .native) else {
      throw AttachError("process \(process) is an x32 program: attaching is possible to i386 and x86_64 programs only")
    }
    guard AttachedProcess(process, image) == nil else {
      throw AttachError(
        "process \(process) is attached already: change its time with \"demo-loader time \(process)\", or detach it first"
      )
    }
    guard SessionPage(ofProcess: process) == nil else {
      throw AttachError(
        "process \(process) was started by demo-loader: change its time with \"demo-loader time \(process)\"")
    }
    guard let site = CallSite(image) else {
      throw AttachError("the kernel's vDSO has no space for the code by which process \(process) maps the pages")
    }
    self.image = image
    self.site = site
    mayFilterCalls = status.mayFilterCalls
    filterCount = status.isFiltered ? status.filterCount.map { $0 - (hasSessionsFilter ? 1 : 0) } : 0
    if hasFilters, TaskStatus.mayNotSuspendFilters {
      throw AttachError(
        "process \(process) has seccomp filters, which might end it for the calls that map the pages: run demo-loader with CAP_SYS_ADMIN and under no filter"
      )
    }
  }

  /// The error if another process traces it.
  static func isTraced(_ process: Int32, by tracer: Int32) -> AttachError {
    let name = ProcessFiles.programName(of: tracer).map { " (\($0))" } ?? ""
    return AttachError("process \(process) is traced by process \(tracer)\(name): end that first")
  }

  private static func status(_ process: Int32) throws(AttachError) -> TaskStatus {
    guard process != getpid(), process != linux_waiting_process() else {
      throw AttachError("process \(process) is demo-loader itself: pass another process")
    }
    guard let status = TaskStatus(of: process) else {
      throw AttachError("there is no process \(process): pass the process id of a running program")
    }
    if let owner = status.process, owner != process {
      throw AttachError("\(process) is a thread of process \(owner): pass \(owner)")
    }
    let state = ProcessFiles.state(of: process)
    if state == UInt8(ascii: "Z") || state == UInt8(ascii: "X"), !linux_has_live_threads(process) {
      throw AttachError("process \(process) has ended already, and its parent has not waited for it")
    }
    return status
  }

  private static func maps(_ process: Int32) throws(AttachError) -> [UInt8] {
    do throws(SystemError) {
      let maps = try SmallFile.contents(of: "/proc/\(process)/maps")
      guard !maps.isEmpty else {
        throw SystemError("read /proc/\(process)/maps", errno: .noSuchProcess)
      }
      return maps
    } catch {
      guard error.errno == .noSuchProcess else {
        throw TaskStatus(of: process).map { refusal(process, $0) } ?? AttachError(error)
      }
      throw AttachError(
        linux_has_live_threads(process)
          ? "the first thread of process \(process) has ended, and its memory can't be reached by the others: attaching is not possible"
          : "process \(process) has no memory: it is a thread of the kernel, or has just ended", mayPass: true)
    }
  }

  /// The error if this process has no right to trace that one.
  private static func refusal(_ process: Int32, _ status: TaskStatus) -> AttachError {
    let start = "process \(process) may not be traced: "
    let mayTrace = linux_may_trace_others()
    let yama = SmallFile.line("/proc/sys/kernel/yama/ptrace_scope").flatMap { Int($0) } ?? 0
    if yama == 3 {
      return AttachError(start + "kernel.yama.ptrace_scope is 3, which forbids it until the machine starts again")
    }
    if !mayTrace, let user = status.effectiveUser, user != geteuid() {
      return AttachError(start + "it runs as user \(user): run demo-loader as that user or as root")
    }
    if !mayTrace, yama > 0 {
      return AttachError(start + "kernel.yama.ptrace_scope is \(yama): run demo-loader as root (CAP_SYS_PTRACE)")
    }
    return AttachError(
      start
        + (mayTrace
          ? "it belongs to another user namespace, or a security module forbids it: run demo-loader outside of containers"
          : "it has another group, has closed its memory (PR_SET_DUMPABLE), or has capabilities that this process lacks: run demo-loader as root")
    )
  }
}

extension AttachTarget {
  /// Whether the process, which is there, has executed a program since.
  var hasExecuted: Bool {
    let now = (try? SmallFile.contents(of: "/proc/\(process)/maps")).flatMap { ProcessMap($0).vdso?.lowerBound }
    return now != image.address && ProcessFiles.state(of: process) != nil
  }

  /// Which processes are meant by the number of one.
  public enum Extent: Hashable, Sendable {
    case process
    /// It and all its descendants.
    case tree
    /// All processes of its PID namespace.
    case namespace
  }

  /// The processes of that extent, the one itself first, without this process, threads of the kernel, and those that have ended.
  public static func processes(_ process: Int32, _ extent: Extent) -> [Int32] {
    switch extent {
    case .process: [process]
    case .tree: ProcessExtent.tree(of: process)
    case .namespace: ProcessExtent.namespace(of: process)
    }
  }

  /// How many processes are in PID namespaces below that of a process, which `namespace` doesn't include, and on no page of ours.
  public static func countBelow(namespaceOf process: Int32) -> Int {
    ProcessExtent.below(namespaceOf: process).count {
      AttachedProcess($0) == nil && SessionPage(ofProcess: $0) == nil
    }
  }

  /// Whether this process has told it to stop already, to attach to it on its own.
  public static func isHeld(_ process: Int32) -> Bool { TaskStatus(of: process)?.tracer == getpid() }

  /// Whether it has descriptors at which it listens for the calls of others' filters.
  public var hasListeners: Bool { !ListenerSearch.listeners(process).isEmpty }

  /// What finds the listening end of a filter that this process has installed there, and was killed.
  public var listenerSearch: ListenerSearch { ListenerSearch(process, site, suspendsFilters: hasFilters) }
}

extension AttachedProcess {
  /// The error if a process that is to be detached isn't attached.
  public static func notAttached(_ process: Int32) -> AttachError {
    do throws(AttachError) {
      _ = try AttachTarget(process)
    } catch {
      return error
    }
    return AttachError("process \(process) is not attached: \"demo-loader ps\" lists those that are on our pages")
  }
}
