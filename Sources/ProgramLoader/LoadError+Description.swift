// SPDX-License-Identifier: Apache-2.0

import ELF

extension LoadError: CustomStringConvertible {
  /// One line for people: the file, what is wrong with it, what to do.
  public var description: String {
    let role = neededBy.isEmpty ? "" : " (interpreter of \(neededBy.joined(separator: ", for ")))"
    return "\(path)\(role)".escapingControls + ": \(reason)"
  }
}

extension LoadError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notInPath: "command not found: give a path with a slash, or add its directory to PATH"
    case .directory: "is a directory: name a program inside it"
    case .notRegularFile: "is not a regular file: only regular files can be executed"
    case .notExecutable: "permission denied: make the file executable and its directories searchable (chmod +x)"
    case .unreadable: "may be executed but not read, and engine load must read it: start it directly"
    case .file(errno: .noSuchFileOrDirectory): "no such file: check the path, or install what provides it"
    case .file(errno: .tooManySymbolicLinkLevels): "too many symbolic links: check where they lead"
    case .file(errno: .tooManyOpenFilesInSystem), .file(errno: .tooManyOpenFiles):
      "too many open files: raise ulimit -n, or close some"
    case .file(errno: .noMemory): "there is not enough memory to start it: check ulimit -v and free memory"
    case .file(let errno): "\(errno): check the path and its permissions"
    case .empty: "is empty: build or copy it again"
    case .unknownFormat: "is neither an ELF image nor a script with #!: run it with its interpreter, if it has one"
    case .tooManyInterpreters: "too many scripts interpret each other: the kernel allows five"
    case .wrongMachine(let machine, let width, let order, let expected):
      "is for \(machine), \(width == .bits32 ? 32 : 64)-bit \(order == .littleEndian ? "little" : "big")-endian, "
        + "this process runs \(expected): use a program built for \(expected), or an emulator"
    case .wrongType(let type): "is not a program (\(type.name)): link it first"
    case .headers(let flaw): "\(flaw): execve doesn't start it either; build or copy it again"
    case .addressesTaken(let range):
      "needs the addresses \(hexadecimal(range.lowerBound)) to \(hexadecimal(range.upperBound)), which overlap the stack or the vDSO of this process: "
        + "try again, or link it position-independent"
    case .addressTooLow(let address, let limit):
      "is linked for address \(hexadecimal(address)), below vm.mmap_min_addr (\(hexadecimal(limit))): this needs CAP_SYS_RAWIO"
    case .entryOutOfRange(let entry):
      "the entry point \(hexadecimal(entry)) is past the last address of a program: execve doesn't start it either"
    case .mountedNoExec: "is on a file system mounted noexec: copy it elsewhere"
    case .openForWriting: "is open for writing (text file busy): wait until the writer has closed it"
    case .mappingForbidden(let errno):
      "cannot be mapped (\(errno)): a security rule of this process forbids writable and executable memory, "
        + "or this file; start the program without that rule"
    case .mapping(let errno): "cannot be mapped: \(errno)"
    case .outOfMemory(let bytes):
      "needs \(bytes) bytes of memory, more than is left while demo-loader exists: check ulimit -v, ulimit -d and free memory"
    case .lastSteps(let errno):
      "cannot prepare the last steps of loading: \(errno): try --engine exec"
    case .argumentsTooLong(let bytes, let limit):
      "arguments and environment take \(bytes) bytes, but \(limit) are allowed: pass fewer, or raise ulimit -s"
    case .argumentTooLong(let bytes, let limit):
      "an argument or variable takes \(bytes) bytes, but \(limit) are allowed: pass it in a file"
    case .otherThreads(let count):
      "can't replace a process that has \(count) threads: start the program before starting threads"
    case .process(let what): "can't replace this process: \(what)"
    }
  }
}

extension ELFType {
  fileprivate var name: String {
    switch self {
    case .relocatable: "a relocatable object"
    case .core: "a core file"
    default: "ELF type \(rawValue)"
    }
  }
}
