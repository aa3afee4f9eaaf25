// SPDX-License-Identifier: Apache-2.0

import ELF

/// Why the image in a file can't be a program's vDSO. Nothing has been started.
struct ImageFileError: Error, Hashable, Sendable, CustomStringConvertible {
  enum Flaw: Hashable, Sendable {
    /// It can't be opened, or is no ELF image with dynamic symbols.
    case image(ELFError)
    case tooLarge
    /// Programs of its machine don't run here.
    case wrongMachine(Machine, ELFClass)
    /// It is no shared object.
    case notShared
    /// It has no loadable segment, or more than one.
    case segments(Int)
    /// Its segment isn't read and execute.
    case protection
    /// Its segment doesn't begin with the file, or not at the start of a page.
    case misplaced
    /// Its segment is longer in memory than in the file.
    case incomplete
    /// It is a copy of the kernel's.
    case kernels
    /// It lacks `__kernel_vsyscall`.
    case noSystemCallEntry
    /// The program is for another machine.
    case otherProgram(image: Machine, program: Machine)
  }

  var path: String
  var flaw: Flaw

  var description: String { "--vdso: \(path.escapingControls): \(text)" }

  private static var machines: String {
    ImageFile.machines.map { "\($0) (\($0 == .i386 ? 32 : 64)-bit)" }.joined(separator: " and ")
  }

  private var text: String {
    switch flaw {
    case .image(.file(_, errno: .noSuchFileOrDirectory)):
      "no such file: pass ours, kernel, none, or the path of an image"
    case .image(.notELF): "not an ELF image: it does not begin with 7f 45 4c 46; pass the file of a vDSO image"
    case .image(let error): "\(error): pass the file of a vDSO image"
    case .tooLarge:
      "has more than \(ImageFile.largestSize) bytes, which is too large for a vDSO: pass the file of a vDSO image"
    case .wrongMachine(let machine, let width):
      "is for \(machine), \(width == .bits32 ? 32 : 64)-bit: demo-loader runs programs for \(Self.machines); build the image for one of them"
    case .notShared: "is not a shared object (ET_DYN): link it with -shared"
    case .segments(let count): "has \(count) loadable segments, but one is required: link it into one segment"
    case .protection: "has a segment that isn't read and execute: link it with PHDRS flags 5"
    case .misplaced:
      "has a segment that doesn't begin with the file at a page boundary: link the file's headers into it"
    case .incomplete: "has a segment that is longer in memory than in the file: link it without .bss"
    case .kernels: "is a copy of the kernel's image, which needs pages that only the kernel maps: pass --vdso kernel"
    case .noSystemCallEntry:
      "lacks __kernel_vsyscall: i386 programs call it without a test and would jump to address 0; add it"
    case .otherProgram(let image, let program):
      "is for \(image), but the program is for \(program): pass an image for \(program)"
    }
  }
}
