// SPDX-License-Identifier: Apache-2.0

import ExecEngine

/// A system call that reads or sets the times of a file.
struct FileTimeCall: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// The kernel stores the times in memory that an argument points at.
    case reads(FileTimesLayout, argument: Int)
    /// An argument points at the times. `utimensat` can set them as well; its number is the third value. If `directory` is nil, the path is
    /// relative to the task's working directory.
    case sets(FileTimesLayout, argument: Int, utimensat: UInt32, directory: Int?, path: Int, flags: Int?)
  }

  let abi: SyscallABI
  let number: UInt32
  let kind: Kind

  /// The call to intercept. A call without times sets the present, so it isn't intercepted.
  var intercepted: InterceptedCall {
    switch kind {
    case .reads: InterceptedCall(abi, number)
    case .sets(_, let argument, _, _, _, _): InterceptedCall(abi, number, unlessNull: argument)
    }
  }

  private init(reads abi: SyscallABI, _ number: UInt32, _ argument: Int, _ layout: FileTimesLayout) {
    (self.abi, self.number, kind) = (abi, number, .reads(layout, argument: argument))
  }

  private init(
    sets abi: SyscallABI, _ number: UInt32, _ layout: FileTimesLayout, directory: Int? = nil,
    flags: Int? = nil
  ) {
    (self.abi, self.number) = (abi, number)
    let path = directory.map { $0 + 1 } ?? 0
    kind = .sets(
      layout, argument: path + 1, utimensat: Self.utimensat(abi), directory: directory, path: path,
      flags: flags)
  }

  /// The number of `utimensat` with 64-bit times.
  private static func utimensat(_ abi: SyscallABI) -> UInt32 {
    switch abi {
    case .x86_64: 280
    case .i386: 412
    default: 88
    }
  }

  /// fstatat, fstat, statx and utimensat by Linux's generic numbers.
  private static func generic(_ abi: SyscallABI) -> [FileTimeCall] {
    [
      FileTimeCall(reads: abi, 79, 2, .stat), FileTimeCall(reads: abi, 80, 1, .stat),
      FileTimeCall(reads: abi, 291, 4, .statx),
      FileTimeCall(sets: abi, 88, .timespecs64, directory: 0, flags: 3),
    ]
  }

  /// Every such call of the programs that run on this machine.
  static let all = x86 + generic(.aarch64) + generic(.riscv64)

  private static let x86: [FileTimeCall] = [
    // stat, fstat, lstat, newfstatat, statx.
    FileTimeCall(reads: .x86_64, 4, 1, .stat), FileTimeCall(reads: .x86_64, 5, 1, .stat),
    FileTimeCall(reads: .x86_64, 6, 1, .stat), FileTimeCall(reads: .x86_64, 262, 2, .stat),
    FileTimeCall(reads: .x86_64, 332, 4, .statx),
    // utime, utimes, futimesat, utimensat.
    FileTimeCall(sets: .x86_64, 132, .utimbuf64), FileTimeCall(sets: .x86_64, 235, .timevals64),
    FileTimeCall(sets: .x86_64, 261, .timevals64, directory: 0),
    FileTimeCall(sets: .x86_64, 280, .timespecs64, directory: 0, flags: 3),

    // oldstat, oldfstat, oldlstat; stat, lstat, fstat; stat64, lstat64, fstat64, fstatat64; statx.
    FileTimeCall(reads: .i386, 18, 1, .oldStat), FileTimeCall(reads: .i386, 28, 1, .oldStat),
    FileTimeCall(reads: .i386, 84, 1, .oldStat), FileTimeCall(reads: .i386, 106, 1, .compatStat),
    FileTimeCall(reads: .i386, 107, 1, .compatStat), FileTimeCall(reads: .i386, 108, 1, .compatStat),
    FileTimeCall(reads: .i386, 195, 1, .compatStat64), FileTimeCall(reads: .i386, 196, 1, .compatStat64),
    FileTimeCall(reads: .i386, 197, 1, .compatStat64), FileTimeCall(reads: .i386, 300, 2, .compatStat64),
    FileTimeCall(reads: .i386, 383, 4, .statx),
    // utime, utimes, futimesat, utimensat, utimensat_time64.
    FileTimeCall(sets: .i386, 30, .utimbuf32), FileTimeCall(sets: .i386, 271, .timevals32),
    FileTimeCall(sets: .i386, 299, .timevals32, directory: 0),
    FileTimeCall(sets: .i386, 320, .timespecs32, directory: 0, flags: 3),
    FileTimeCall(sets: .i386, 412, .compatTimespecs64, directory: 0, flags: 3),
  ]
}
