// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import CVDSO
import ELF

/// The steps by which a task gets its pages: a list of calls and their data, both in unused memory below the task's stack.
struct InjectionPlan {
  private static let stride = UInt64(VDSO_PAGE_STRIDE)
  private static let setMask: UInt64 = 2  // SIG_SETMASK

  /// A signal that programs ignore unless they handle it. It stops a traced task, which reports the end of the list.
  static let stopSignal: Int32 = 23  // SIGURG
  private static let childSignal: Int32 = 17  // SIGCHLD
  /// Whether a program with this signal mask finds a pending SIGCHLD at its start.
  static func blocksChildSignal(_ mask: UInt64) -> Bool { mask & 1 << UInt64(childSignal - 1) != 0 }

  /// How the task gets its descriptor of the time page.
  enum TimePageSource: Hashable {
    /// It has one.
    case descriptor(Int32)
    /// It requests it by an execve that executes nothing, which the supervisor intercepts.
    case request
    /// It receives it from a socket, because its filters are suspended.
    case socket
  }

  /// How the supervisor learns what the calls came to.
  enum Report {
    /// The task stops at the end of its list.
    case stop
    /// It isn't traced any more, and says so only if a call has failed. It receives the time page as the descriptor of that number, which is
    /// not open; nil for the kernel's choice.
    case request(Int32?)
  }

  /// What the list's calls read, to be written before the list.
  let data: TaskData
  var list: InjectedCalls
  let numbers: CallNumbers
  /// The memory for the pages, the time page first.
  private(set) var base: InjectedCalls.Result?
  /// The mappings, each with its size.
  var mapped: [(result: InjectedCalls.Result, size: UInt64)] = []
  /// The call whose signal reports the end, if one does.
  private(set) var lastCall = InjectedCalls.Result(offset: 0, isEssential: false)

  /// How the time page is passed to the task, if it must be sent, and the call that stops the task for it.
  private(set) var passing: (way: DescriptorPassing, stop: InjectedCalls.Result)?

  /// Plans the steps of a task that is about to start, in the session of the given number, with the page of the given index in its file. In
  /// the end the task waits for `child`, unless that is 0. `isToldOfChild` says that SIGCHLD is pending because of `child` alone: then the
  /// task takes the signal, and the program doesn't find it.
  /// A `report` by request takes filters that are the session's.
  init(
    _ code: CodeChoice.Code, _ source: TimePageSource, session: UInt64, pageIndex: UInt64 = 0, seals: Bool = true,
    _ start: InitialStackView,
    _ bounds: MemoryBounds?, report: Report = .stop, mask: UInt64, base wanted: UInt64? = nil,
    reaping child: Int32 = 0,
    isToldOfChild: Bool = false
  ) {
    let width = start.format.elfClass
    let copied: [UInt8] =
      switch code {
      case .none: []
      case .own(let bytes): bytes
      case .shared(let page): page.addressBytes
      }
    // The task fills in the header's address. Until then it is any value that fits an i386 word.
    let vectorBytes = start.vectorBytes(withVDSO: code.size == nil ? 0 : 1)
    // Space for the list and its end, and for all data that is laid out before them.
    let size = UInt64(copied.count + vectorBytes.count + 3 * Int(VDSO_PAGE_SIZE))
    var data = TaskData(at: (start.stackPointer - size) & ~15, capacity: Int(size))
    numbers = CallNumbers.numbers(width)
    let vector = data.append(vectorBytes)
    let map = bounds.map { data.append($0.bytes(vector: vector, count: vectorBytes.count)) }
    let identity = data.append(Self.identity)
    let codeCopy = data.append(copied)
    let name = data.append(Self.fileName)
    let ownMemory = data.append(Self.ownMemory)
    // A signal reports the end of a child. A program finds it only if the signal is blocked.
    let ignored: UInt64 = 1 << UInt64(Self.stopSignal - 1) | (isToldOfChild ? 1 << UInt64(Self.childSignal - 1) : 0)
    let maskWithoutThem = data.append(mask & ~ignored)
    let passing = source == .socket && code.size != nil ? DescriptorPassing(width, in: &data) : nil
    self.data = data
    list = InjectedCalls(width, at: data.end)

    let process = list.call(numbers.getpid)
    let stop = Stop(numbers, process, unblocked: mask & ignored == 0 ? nil : maskWithoutThem)
    var file: InjectedCalls.Word?
    if case .descriptor(let number) = source { file = .value(UInt64(number)) }
    var codeFile: InjectedCalls.Result?
    if let codeSize = code.size {
      if let passing {
        self.passing = (passing, passing.add(to: &list, numbers) { stop.add(to: &$0) })
        file = .memory(passing.received)
      }
      let timePage = file ?? requestTimePage(session, report)
      file = timePage
      list.store(process, at: identity + 8)
      let size = UInt64(codeSize)
      let base = mapPages(at: wanted, size, identity, timePage, pageIndex)
      self.base = base
      let place = PlaceOfCode(base, isMapped: !Self.mapsSeparately(wanted), size)
      switch code {
      case .none: break
      case .own:
        codeFile = mapCode(place, codeCopy, name)
        if case .request = report { showInCores(place, codeCopy, ownMemory) }
      case .shared(let page): mapShared(page, place, addresses: codeCopy, timePage, ownMemory)
      }
      // Since Linux 6.10 this makes the mappings final; older kernels fail, which is ignored. A 32-bit task can't make the call.
      if seals {
        list.call(numbers.mseal, .result(base), .value(2 * Self.stride + size), .value(0), isEssential: false)
      }
    }
    updateVectors(start, vector: vector, map: map)
    if base != nil {
      list.onFailure(numbers) { [numbers, mapped] list in
        for mapping in mapped {
          list.call(numbers.munmap, .result(mapping.result), .value(mapping.size), isEssential: false)
        }
        if case .request = report {
          list.request(numbers, SessionRequest.failureSubject, session, list.address)
        }
      }
    }
    list.endOfEssentials()
    if let file { list.call(numbers.close, file, isEssential: false) }
    if let codeFile { list.call(numbers.close, .result(codeFile), isEssential: false) }
    passing?.addClosing(to: &list, numbers)
    if case .stop = report { lastCall = stop.add(to: &list) }
    if child != 0 {
      list.call(
        numbers.wait4, .value(UInt64(child)), .value(0), .value(UInt64(LINUX_WAIT_ALL)), .value(0), isEssential: false)
    }
    list.endOfEssentials()
  }

  /// Stops the task by a signal to itself if it is traced.
  private struct Stop {
    private let numbers: CallNumbers
    private let process: InjectedCalls.Result
    /// The address of the signal mask under which the signal arrives; nil if the task's own mask lets it through.
    private let unblocked: UInt64?

    init(_ numbers: CallNumbers, _ process: InjectedCalls.Result, unblocked: UInt64?) {
      (self.numbers, self.process, self.unblocked) = (numbers, process, unblocked)
    }

    /// Returns the call that sends the signal. If the signal can't arrive, the task skips the next steps, because no tracer sees it stop.
    func add(to list: inout InjectedCalls) -> InjectedCalls.Result {
      if let unblocked {
        list.call(
          numbers.sigprocmask, .value(InjectionPlan.setMask), .value(unblocked), .value(0), .value(8),
          isEssential: false,
          endsList: true)
      }
      return list.call(
        numbers.tgkill, .result(process), .result(process), .value(UInt64(stopSignal)), isEssential: false,
        endsList: true)
    }
  }

  /// The name of the code page's file in lists of mappings.
  private static let fileName = Array("vdso-code".utf8) + [0]

  /// The identity page's words: the set of valid ids, and the task's own process id, which the task fills in.
  private static var identity: [UInt8] {
    var result: [UInt8] = []
    for word in [UInt32(VDSO_IDENTITY_MAGIC), 1 << UInt32(VDSO_IDENTITY_PID), 0, 0] {
      ByteOrder.littleEndian.append(word, to: &result)
    }
    return result
  }

  /// Where a process finds its own memory, read-only parts included.
  private static let ownMemory = Array("/proc/self/mem".utf8) + [0]

  /// Requests the descriptor of the time page.
  private mutating func requestTimePage(_ session: UInt64, _ report: Report) -> InjectedCalls.Word {
    let subject = SessionRequest.timePageSubject
    guard case .request(let wanted?) = report else {
      return .result(list.request(numbers, subject, session, isEssential: true))
    }
    let number = UInt64(wanted)
    list.request(numbers, subject, session, DescriptorWish.atOnce(wanted).word)
    list.unlessOpen(number, numbers) { [numbers] list in
      list.request(numbers, subject, session, DescriptorWish.inTwoSteps(wanted).word, isEssential: true)
    }
    return .value(number)
  }

  /// Changes the vector that the kernel shows in /proc/PID/auxv, which the kernel may refuse, and after that the program's own.
  private mutating func updateVectors(_ start: InitialStackView, vector: UInt64, map: UInt64?) {
    guard let entry = start.entryOffset(.vdso) else { return }
    let wordSize = UInt64(list.width.wordSize)
    let header = 2 * Self.stride
    if let base { list.store(base, plus: header, at: vector + entry + wordSize) }
    if let map {
      list.call(
        numbers.prctl, .value(MemoryBounds.option), .value(MemoryBounds.setMap), .value(map),
        .value(UInt64(MemoryBounds.byteCount)), .value(0), isEssential: false)
    }
    if let base {
      list.store(base, plus: header, at: start.vectorAddress + entry + wordSize)
    } else {
      // Marks the entries as ignored.
      for entry in [entry, start.entryOffset(.systemCallEntry)].compactMap({ $0 }) {
        list.copy(2 * Int(wordSize), from: vector + entry, to: .value(start.vectorAddress + entry))
      }
    }
  }

  /// The vDSO address in the program's vector for pages at `base`.
  static func header(base: UInt64) -> UInt64 { base &+ 2 * stride }
}
