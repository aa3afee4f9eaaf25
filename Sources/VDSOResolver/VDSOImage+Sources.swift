// SPDX-License-Identifier: Apache-2.0

public import AuxvLoader
internal import ELF

/// Why the vDSO of another process, or of the process that left a core file, can't be read.
@nonexhaustive
public enum VDSOSourceError: Error, Hashable, Sendable {
  /// Its auxiliary vector, which has the image's address, can't be read.
  case vector(AuxvError)
  /// Its memory can't be read at all: the error number.
  case memory(errno: Int32)
  /// The image can't be used.
  case image(TrapReason)
}

extension VDSOSourceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .vector(let error): error.description
    case .memory(1):
      "its memory may not be read: run as that user, or as root where /proc/sys/kernel/yama/ptrace_scope isn't 0"
    case .memory(let errno): "its memory cannot be read (error \(errno)): check that it still runs"
    case .image(let reason): reason.description
    }
  }
}

extension VDSOImage {
  /// The image of a running 32- or 64-bit process, at the address in its auxiliary vector.
  ///
  /// The caller needs the right to trace the process (`PTRACE_MODE_ATTACH_REALCREDS`).
  public static func ofProcess(_ pid: Int32) throws(VDSOSourceError) -> VDSOImage {
    let vector: AuxiliaryVector
    do throws(AuxvError) {
      vector = try AuxiliaryVector.ofProcess(pid).vector
    } catch {
      throw .vector(error)
    }
    let memory = ProcessMemory(pid: pid)
    let address = vector[.vdso] ?? 0
    // EFAULT concerns only the image, whose own error says more.
    if address != 0, let errno = memory.failure(at: address), errno != 14 { throw .memory(errno: errno) }
    return try image(in: memory, at: address)
  }

  /// The image in a core file of any architecture, at the address in its auxiliary vector.
  public init(ofCore core: CoreFile) throws(VDSOSourceError) {
    self = try Self.image(in: core.memory, at: core.vector[.vdso] ?? 0)
  }

  private static func image<Memory: ReadableMemory & ~Copyable>(
    in memory: borrowing Memory, at address: UInt64
  ) throws(VDSOSourceError) -> VDSOImage {
    do throws(TrapReason) {
      return try VDSOImage(in: memory, at: address)
    } catch {
      throw .image(error)
    }
  }

  /// The image at an address of some memory.
  ///
  /// Throws `.noVDSO` for 0, `.unreadable` if no byte can be read, and `.damaged` if the image ends too early.
  public init<Memory: ReadableMemory & ~Copyable>(
    in memory: borrowing Memory, at address: UInt64
  ) throws(TrapReason) {
    let bytes = try Self.bytes(in: memory, at: address)
    let object: SharedObject
    do throws(ELFError) {
      object = try SharedObject(memory: bytes)
    } catch {
      throw .damaged(error)
    }
    try self.init(object, mappedAt: address)
  }

  /// The bytes of the image at an address of some memory, up to the end of the last segment's page, as far as they are readable. Their
  /// contents are not checked. Throws as `init(in:at:)`.
  public static func bytes<Memory: ReadableMemory & ~Copyable>(
    in memory: borrowing Memory, at address: UInt64
  ) throws(TrapReason) -> [UInt8] {
    guard address != 0 else { throw .noVDSO }
    let start = memory.bytes(at: address, count: 4096)
    guard !start.isEmpty else { throw .unreadable(address: address) }
    let extent: UInt64
    do throws(ELFError) {
      extent = try SharedObject.extent(of: SharedObject.programHeaders(memory: start)) ?? largest
    } catch {
      throw .damaged(error)
    }
    return memory.bytes(at: address, count: Int(min(extent, largest) + 4095) & ~4095)
  }
}
