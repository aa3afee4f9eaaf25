// SPDX-License-Identifier: Apache-2.0

public import ELF

/// Why a program was not started. The process is unchanged: it may report this and continue.
public struct LoadError: Error, Hashable, Sendable {
  /// The reason, without the file.
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
    /// The file is neither an ELF image nor a script that names its interpreter.
    case unknownFormat
    /// More scripts interpret each other than the kernel allows.
    case tooManyInterpreters
    /// The image is for another machine, class or byte order.
    case wrongMachine(Machine, ELFClass, ByteOrder, expected: Machine)
    /// The image is neither a program nor a shared object.
    case wrongType(ELFType)
    /// The headers break a rule of the kernel.
    case headers(LoadFlaw)
    /// The program is linked for addresses that this process's stack, the kernel's vDSO or our pages occupy.
    case addressesTaken(Range<UInt64>)
    /// The program is linked for addresses that only CAP_SYS_RAWIO may map.
    case addressTooLow(UInt64, limit: UInt64)
    /// The entry point lies past the last usable address, after the load bias was added.
    case entryOutOfRange(UInt64)
    /// The file system of the program allows no execution.
    case mountedNoExec
    /// A process has the file open for writing: its contents may change.
    case openForWriting
    /// The system refuses to map the file or memory for it, for example memory that is both writable and executable.
    case mappingForbidden(errno: Errno)
    /// Mapping failed for another reason.
    case mapping(errno: Errno)
    /// There is not enough memory.
    case outOfMemory(bytes: UInt64)
    /// The last steps of loading can't be prepared.
    case lastSteps(errno: Errno)
    /// Arguments and environment, including their pointers, are longer than execve allows (E2BIG).
    case argumentsTooLong(bytes: UInt64, limit: UInt64)
    /// One argument or variable is longer than execve allows (E2BIG).
    case argumentTooLong(bytes: UInt64, limit: UInt64)
    /// Other threads run in this process, whose code would be unmapped.
    case otherThreads(count: Int)
    /// This process lacks something that the loader relies on.
    case process(String)
  }

  /// The file at fault, or the name if no file was found. Bytes that aren't UTF-8 are replaced.
  public var path: String
  public var reason: Reason
  /// The files that need this one, from the program down to the file that names `path`; empty for the program itself.
  public var neededBy: [String]

  public init(path: String, reason: Reason, neededBy: [String] = []) {
    self.path = path
    self.reason = reason
    self.neededBy = neededBy
  }

  /// The exit status of a shell for this error: 127 if a file is missing, 126 if one can't be executed.
  public var exitStatus: Int32 {
    switch reason {
    case .notInPath, .file(errno: .noSuchFileOrDirectory): 127
    default: 126
    }
  }
}
