import ELF

/// An ELF program or interpreter that may be loaded: its file, its plan, and what it needs.
struct ProgramImage: ~Copyable {
  let file: ProgramFile
  let header: ELFHeader
  let plan: LoadPlan
  /// The path of the interpreter that the program asks for.
  let interpreter: [UInt8]?

  /// Reads the headers and checks everything that they say; nothing is mapped.
  init(_ file: consuming ProgramFile, machine: Machine, limits: LoadPlan.Limits) throws(LoadError) {
    let parts: (header: ELFHeader, plan: LoadPlan, interpreter: [UInt8]?)
    do throws(LoadError.Reason) {
      let (header, table) = try Self.headers(of: file, machine: machine)
      let plan = try Self.plan(header, table, file, limits)
      parts = (header, plan, try Self.interpreterPath(plan, in: file))
    } catch {
      throw file.error(error)
    }
    (header, plan, interpreter) = parts
    self.file = file
  }

  /// Opens what a program asks for in PT_INTERP like a program, relative to the current directory; nil where it asks
  /// for nothing.
  static func interpreter(
    of program: borrowing ProgramImage, limits: LoadPlan.Limits
  ) throws(LoadError) -> ProgramImage? {
    guard let path = program.interpreter else { return nil }
    let file = try ProgramFile(path: path, neededBy: program.file.neededBy + [program.file.path])
    let image = try ProgramImage(file, machine: program.header.machine, limits: limits)
    guard image.interpreter == nil else { throw image.file.error(.headers(.interpreterNeedsInterpreter)) }
    return image
  }

  private static func headers(
    of file: borrowing ProgramFile, machine: Machine
  ) throws(LoadError.Reason) -> (ELFHeader, [ProgramHeader]) {
    let headers: FileHeaders
    do throws(ELFError) {
      headers = try FileHeaders(fileDescriptor: file.file.descriptor)
    } catch {
      throw .image(error)
    }
    let header = headers.header
    let width: ELFClass = machine == .i386 ? .bits32 : .bits64
    guard header.machine == machine, header.elfClass == width, header.byteOrder == .littleEndian else {
      throw .wrongMachine(header.machine, header.elfClass, header.byteOrder, expected: machine)
    }
    guard header.type == .executable || header.type == .sharedObject else { throw .wrongType(header.type) }
    return (header, headers.programHeaders)
  }

  private static func plan(
    _ header: ELFHeader, _ table: [ProgramHeader], _ file: borrowing ProgramFile, _ limits: LoadPlan.Limits
  ) throws(LoadError.Reason) -> LoadPlan {
    do throws(LoadFlaw) {
      return try LoadPlan(header: header, table: table, fileSize: file.size, limits: limits)
    } catch {
      throw .headers(error)
    }
  }

  private static func interpreterPath(
    _ plan: LoadPlan, in file: borrowing ProgramFile
  ) throws(LoadError.Reason) -> [UInt8]? {
    guard let place = plan.interpreter else { return nil }
    let bytes: [UInt8]
    do throws(KernelError) {
      bytes = try file.file.read(at: place.lowerBound, count: place.count)
    } catch {
      throw .file(errno: error.number)
    }
    guard bytes.count == place.count, bytes.last == 0 else {
      throw .headers(.interpreterPathUnterminated(offset: place.lowerBound))
    }
    return Array(bytes.prefix { $0 != 0 })
  }
}
