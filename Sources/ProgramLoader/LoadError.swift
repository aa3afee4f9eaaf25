// SPDX-License-Identifier: Apache-2.0

public import ELF

/// Why a program was not started. Nothing has happened to the process: it may report this and go on.
public struct LoadError: Error, Hashable, Sendable {
  /// What went wrong, without where.
  @nonexhaustive
  public enum Reason: Hashable, Sendable {
    /// No directory of PATH holds a file of this name.
    case notInPath
    /// A directory can't be executed.
    case directory
    /// A device, FIFO or socket can't be executed.
    case notRegularFile
    /// The file's permissions don't let this process execute it.
    case notExecutable
    /// The file may be executed but not read, and a loader must read it.
    case unreadable
    /// The system refused an operation on the file.
    case file(errno: Errno)
    /// The file holds nothing.
    case empty
    /// Neither ELF nor a script that names its interpreter.
    case unknownFormat
    /// More scripts interpret each other than the kernel allows.
    case tooManyInterpreters
    /// The image is for another machine, class or byte order.
    case wrongMachine(Machine, ELFClass, ByteOrder, expected: Machine)
    /// The image is neither a program nor a shared object.
    case wrongType(ELFType)
    /// The headers break a rule of the kernel's.
    case headers(LoadFlaw)
    /// The addresses that the program is linked for are those of this process's stack, of the kernel's vDSO or of our pages.
    case addressesTaken(Range<UInt64>)
    /// The program is linked for addresses that only CAP_SYS_RAWIO may map.
    case addressTooLow(UInt64, limit: UInt64)
    /// The entry point lies past the last address where the program or its interpreter was put.
    case entryOutOfRange(UInt64)
    /// The file system of the program allows no execution.
    case mountedNoExec
    /// A process has the file open for writing: its contents may change.
    case openForWriting
    /// The system refuses to map the file or memory for it: memory that is both writable and executable, for one.
    case mappingForbidden(errno: Errno)
    /// Mapping failed for another reason.
    case mapping(errno: Errno)
    /// There is not enough memory.
    case outOfMemory(bytes: UInt64)
    /// The last steps of loading can't be prepared.
    case lastSteps(errno: Errno)
    /// Arguments and environment, their pointers included, take more than execve takes (E2BIG).
    case argumentsTooLong(bytes: UInt64, limit: UInt64)
    /// One argument or variable is longer than execve takes (E2BIG).
    case argumentTooLong(bytes: UInt64, limit: UInt64)
    /// Other threads run in this process: they would lose their code.
    case otherThreads(count: Int)
    /// This process is not what the loader relies on.
    case process(String)
  }

  /// The file at fault, or the name where no file was found. Bytes that aren't UTF-8 are repaired.
  public var path: String
  public var reason: Reason
  /// What needs the file: empty for the program itself, else from the program down to the file that named `path`.
  public var neededBy: [String]

  public init(path: String, reason: Reason, neededBy: [String] = []) {
    self.path = path
    self.reason = reason
    self.neededBy = neededBy
  }

  /// What a shell returns for it: 127 where a file is missing, 126 where one can't be executed.
  public var exitStatus: Int32 {
    switch reason {
    case .notInPath, .file(errno: .noSuchFileOrDirectory): 127
    default: 126
    }
  }
}
