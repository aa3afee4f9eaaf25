// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxTypes
import Testing

@Suite("Values of Linux's interface")
struct LinuxTypesTests {
  @Test("numbers and names clocks as the C library does")
  func clocks() {
    let constants: [(name: String, number: Int32, clock: ClockID)] = [
      ("CLOCK_REALTIME", CLOCK_REALTIME, .realtime), ("CLOCK_MONOTONIC", CLOCK_MONOTONIC, .monotonic),
      ("CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID, .processCPUTime),
      ("CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID, .threadCPUTime),
      ("CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW, .monotonicRaw),
      ("CLOCK_REALTIME_COARSE", CLOCK_REALTIME_COARSE, .realtimeCoarse),
      ("CLOCK_MONOTONIC_COARSE", CLOCK_MONOTONIC_COARSE, .monotonicCoarse),
      ("CLOCK_BOOTTIME", CLOCK_BOOTTIME, .boottime), ("CLOCK_REALTIME_ALARM", CLOCK_REALTIME_ALARM, .realtimeAlarm),
      ("CLOCK_BOOTTIME_ALARM", CLOCK_BOOTTIME_ALARM, .boottimeAlarm), ("CLOCK_TAI", CLOCK_TAI, .tai),
    ]
    #expect(ClockID.all == constants.map(\.clock))
    for constant in constants {
      #expect(constant.clock.rawValue == constant.number && constant.clock.name == constant.name)
    }
    #expect(ClockID(rawValue: 10).name == nil && ClockID(rawValue: -6).name == nil)
  }

  @Test("classifies clocks by what they measure, and by whether a page can serve them")
  func kinds() {
    #expect(ClockID.all.filter { $0.isDate } == [.realtime, .realtimeCoarse, .realtimeAlarm, .tai])
    #expect(
      ClockID.all.filter { $0.isMonotonic } == [.monotonic, .monotonicRaw, .monotonicCoarse, .boottime, .boottimeAlarm])
    #expect(
      ClockID.paged == [.realtime, .monotonic, .monotonicRaw, .realtimeCoarse, .monotonicCoarse, .boottime, .tai])
    #expect(ClockID.all.filter { $0.fineKind != $0 } == [.realtimeCoarse, .monotonicCoarse])
    #expect(ClockID.realtimeCoarse.fineKind == .realtime && ClockID.monotonicCoarse.fineKind == .monotonic)
  }

  @Test("numbers errors as the C library does, and has its texts")
  func errors() {
    let constants: [(Errno, Int32)] = [
      (.notPermitted, EPERM), (.noSuchFileOrDirectory, ENOENT), (.noSuchProcess, ESRCH), (.interrupted, EINTR),
      (.ioError, EIO), (.argumentListTooLong, E2BIG), (.badFileDescriptor, EBADF), (.noChildProcess, ECHILD),
      (.noMemory, ENOMEM), (.permissionDenied, EACCES), (.badAddress, EFAULT), (.resourceBusy, EBUSY),
      (.fileExists, EEXIST), (.noSuchDevice, ENODEV), (.notDirectory, ENOTDIR), (.isDirectory, EISDIR),
      (.invalidArgument, EINVAL), (.tooManyOpenFilesInSystem, ENFILE), (.tooManyOpenFiles, EMFILE),
      (.fileTooLarge, EFBIG), (.noSpace, ENOSPC), (.noFunction, ENOSYS), (.tooManySymbolicLinkLevels, ELOOP),
      (.notSupported, EOPNOTSUPP), (.addressInUse, EADDRINUSE), (.timedOut, ETIMEDOUT),
      (.connectionRefused, ECONNREFUSED), (.staleFileHandle, ESTALE),
    ]
    for (errno, number) in constants {
      #expect(errno.rawValue == number && Errno(result: -number) == errno)
      #expect(unsafe errno.description == String(cString: strerror(number)))
    }
  }

  @Test("prints what failed, why, and what to do about it")
  func systemErrors() {
    #expect("\(SystemError("open x", errno: .noSpace))" == "cannot open x: No space left on device")
    #expect(
      "\(SystemError("open x", errno: .noSpace, hint: "free some"))"
        == "cannot open x: No space left on device; free some")
  }
}
