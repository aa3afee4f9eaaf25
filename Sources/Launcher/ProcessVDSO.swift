// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
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
    if let attached = AttachedProcess(process), let pages = RemotePageSet(process: process, header: attached.header) {
      self = .ours(pages)
      return
    }
    // Reading symbols takes longest, and most processes have the kernel's image.
    let bytes = (try? VDSOImage.bytes(in: ProcessMemory(pid: process), at: address)) ?? []
    if KernelsImage.isIt(bytes) {
      self = .kernel(address: address)
      return
    }
    self = .other(address: address, name: try VDSOImage.ofProcess(process).object.symbols.soname)
  }
}
