import ELF

/// Why the image in a file can't be a program's vDSO. Nothing has been started.
struct ImageFileError: Error, Hashable, Sendable, CustomStringConvertible {
  enum Flaw: Hashable, Sendable {
    /// It can't be opened, or is no ELF image with dynamic symbols.
    case image(ELFError)
    case tooLarge
    /// It is for a machine whose programs don't run here.
    case wrongMachine(Machine, ELFClass)
    /// It is no shared object.
    case notShared
    /// It has another number of loadable segments than one.
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

  private var text: String {
    switch flaw {
    case .image(.file(_, errno: 2)): "no such file: give ours, kernel, none, or the path of an image"
    case .image(let error): "\(error): give the file of a vDSO image"
    case .tooLarge: "has more than \(ImageFile.largestSize) bytes: no vDSO is so large"
    case .wrongMachine(let machine, let width):
      "is for \(machine), \(width == .bits32 ? 32 : 64)-bit: programs here are for x86_64, 64-bit, or i386, 32-bit"
    case .notShared: "is no shared object (ET_DYN): link it with -shared"
    case .segments(let count): "has \(count) loadable segments: link it into one, which is mapped as it is"
    case .protection: "has a segment that isn't read and execute: link it with PHDRS flags 5"
    case .misplaced: "has a segment that doesn't begin with the file at a page's start: link its headers into it"
    case .incomplete: "has a segment that the file doesn't hold whole: nothing fills in zeros behind it"
    case .kernels: "is the kernel's, which needs pages that only the kernel maps: give --vdso kernel"
    case .noSystemCallEntry: "lacks __kernel_vsyscall, which i386 programs call unasked: they would jump to address 0"
    case .otherProgram(let image, let program): "is for \(image), the program for \(program): give one that fits"
    }
  }
}
