// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessSupport
import Testing

@testable import ExecEngine

@Suite("States of tasks")
struct TaskStatusTests {
  private func status(tracer: Int = 0, user: Int = 1000, capabilities: String = "0", filters: Int? = 1) -> TaskStatus {
    let text = """
      Name:\tprog
      Umask:\t0022
      Tgid:\t41
      Pid:\t42
      TracerPid:\t\(tracer)
      Uid:\t0\t\(user)\t0\t0
      CapEff:\t\(capabilities)
      Seccomp:\t2
      """
    return TaskStatus(text: Array((text + (filters.map { "\nSeccomp_filters:\t\($0)\n" } ?? "\n")).utf8))
  }

  @Test("reads the state of a task from the kernel's text")
  func reading() throws {
    let task = status(tracer: 7, capabilities: "000001fffeffffff", filters: 3)
    #expect(task.name == "prog" && task.process == 41 && task.tracer == 7 && task.effectiveUser == 1000)
    #expect(task.effectiveCapabilities == 0x1ff_feff_ffff && task.filterCount == 3)
    #expect(TaskStatus(text: []).filterCount == nil)
    let own = try #require(TaskStatus(of: getpid()))
    #expect(own.process == getpid() && own.effectiveUser == geteuid() && own.filterCount != nil)
  }

  @Test("distinguishes a task's own filters from the session's")
  func filters() {
    #expect(status(filters: 2).hasFilters(beyond: 1) && !status(filters: 1).hasFilters(beyond: 1))
    #expect(!status(filters: nil).hasFilters(beyond: 1) && !status(filters: 2).hasFilters(beyond: nil))
  }

  @Test("decides about an execve that another process traces")
  func decisions() {
    let error = SystemError("trace process 42", errno: .notPermitted)
    func decide(_ task: TaskStatus?, _ tracer: TaskStatus?) -> TracedExecution {
      TracedExecution(task, tracer: tracer, sessionsFilters: 1, error)
    }
    func isRefused(_ decision: TracedExecution) -> Bool { if case .refused = decision { true } else { false } }
    #expect(decide(nil, nil) == .proceeds("\(error)") && decide(status(filters: 2), nil) == .proceeds("\(error)"))
    #expect(decide(status(tracer: 7), status()) == .proceeds("process 7 (prog) traces it"))
    let sandboxed = status(tracer: 7, filters: 2)
    guard case .proceedsUnseen = decide(sandboxed, status()) else {
      Issue.record("\(decide(sandboxed, status()))")
      return
    }
    #expect(isRefused(decide(sandboxed, status(user: 0))))
    #expect(isRefused(decide(sandboxed, status(capabilities: "200000"))))
    // A tracer that can't be inspected may have any rights.
    #expect(isRefused(decide(sandboxed, nil)))
  }
}
