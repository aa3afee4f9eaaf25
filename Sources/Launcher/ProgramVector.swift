// SPDX-License-Identifier: Apache-2.0

public import AuxvLoader
import ProgramLoader
public import ELF

/// The auxiliary vector that a program is about to find, and the memory that its addresses lead to.
public struct ProgramVector: ReadableMemory {
  public let vector: AuxiliaryVector
  public let machine: Machine
  private let memory: Memory

  private enum Memory {
    case process(ProcessMemory)
    case stack(InitialStack)
  }

  /// The vector of a process that is stopped before its first instruction.
  init(_ vector: AuxiliaryVector, of process: Int32) {
    self.vector = vector
    let format = (try? AuxiliaryVector.ofProcess(process))?.format
    machine = format?.elfClass == .bits32 ? .i386 : .native
    memory = .process(ProcessMemory(pid: process))
  }

  /// The vector on a stack that is not mapped yet.
  init(_ stack: InitialStack) {
    vector = stack.vector
    machine = stack.wordSize == .four ? .i386 : .native
    memory = .stack(stack)
  }

  public func bytes(at address: UInt64, count: Int) -> [UInt8] {
    switch memory {
    case .process(let memory): memory.bytes(at: address, count: count)
    case .stack(let stack): stack.bytes(at: address, count: count)
    }
  }
}
