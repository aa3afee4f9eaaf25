// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import Glibc
import ProcessAttachment
public import VDSOResolver

/// The vDSO that a running process got in its auxiliary vector, or by being attached to.
public enum ProcessVDSO: Hashable, Sendable {
  /// One of our pages.
  case ours(RemotePageSet)
  /// The kernel's own, at an address.
  case kernel(address: UInt64)
  /// Another image, and the name that it goes by.
  case other(address: UInt64, name: String?)
  /// The process has none, so it makes system calls.
  case none

  /// Reads it from the memory of a 32- or 64-bit process, at the address in its auxiliary vector.
  ///
  /// The caller needs the right to trace the process (`PTRACE_MODE_ATTACH_REALCREDS`).
  public init(of process: Int32) throws(VDSOSourceError) {
    let vector: AuxiliaryVector
    do throws(AuxvError) {
      vector = try AuxiliaryVector.ofProcess(process).vector
    } catch {
      throw .vector(error)
    }
    guard let address = vector[.vdso], address != 0 else {
      self = .none
      return
    }
    if let pages = RemotePageSet(process: process, header: address) {
      self = .ours(pages)
      return
    }
    let bytes = (try? VDSOImage.bytes(in: ProcessMemory(pid: process), at: address)) ?? []
    // Most processes have the image that this one has, unchanged; what follows takes longer.
    if !bytes.isEmpty && bytes == Self.ownImage {
      self = .kernel(address: address)
      return
    }
    if let attached = AttachedProcess(process), let pages = RemotePageSet(process: process, header: attached.header) {
      self = .ours(pages)
      return
    }
    // Reading symbols takes longest.
    if KernelsImage.isIt(bytes) {
      self = .kernel(address: address)
      return
    }
    self = .other(address: address, name: try VDSOImage.ofProcess(process).object.symbols.soname)
  }

  /// The bytes of this process's own image, if it is the kernel's and unchanged; otherwise none.
  private static let ownImage: [UInt8] = {
    guard AttachedProcess(getpid()) == nil, let address = (try? AuxiliaryVector.ofProcess(getpid()))?.vector[.vdso],
      let bytes = try? VDSOImage.bytes(in: ProcessMemory(pid: getpid()), at: address), KernelsImage.isIt(bytes)
    else { return [] }
    return bytes
  }()
}
