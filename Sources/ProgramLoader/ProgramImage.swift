// SPDX-License-Identifier: Apache-2.0

import ELF

/// An ELF program or interpreter that may be loaded: its file, its plan, and what it needs.
struct ProgramImage: ~Copyable {
  let file: ProgramFile
  let plan: LoadPlan
  /// The path of the program's interpreter.
  let interpreter: [UInt8]?
  /// The flags to add to the protection of its code; none for a program with an interpreter, which adds them itself.
  let codeProtection: Int32

  /// Reads the headers and checks all of them; nothing is mapped.
  init(
    _ file: consuming ProgramFile, abi: ProgramABI, isInterpreter: Bool = false
  ) throws(LoadError) {
    let parts: (plan: LoadPlan, interpreter: [UInt8]?, codeProtection: Int32)
    do throws(LoadError.Reason) {
      let header = try Self.header(of: file, machine: abi.machine, isInterpreter: isInterpreter)
      let table = try Self.table(header, of: file)
      let limits = LoadPlan.Limits(pageSize: ProgramLoader.pageSize, end: abi.addressesEnd)
      let plan = try Self.plan(header, table, file, isInterpreter, limits)
      parts = (
        plan, try Self.interpreterPath(plan, in: file),
        plan.interpreter == nil ? try Self.codeProtection(table, of: file) : 0
      )
    } catch {
      throw file.error(error)
    }
    (plan, interpreter, codeProtection) = parts
    self.file = file
  }

  /// Opens the interpreter in the program's PT_INTERP with the checks for a program, relative to the current directory; nil if there is
  /// none.
  static func interpreter(of program: borrowing ProgramImage, abi: ProgramABI) throws(LoadError) -> ProgramImage? {
    guard let path = program.interpreter else { return nil }
    let file = try ProgramFile(path: path, neededBy: program.file.neededBy + [program.file.path])
    return try ProgramImage(file, abi: abi, isInterpreter: true)
  }

  private static func header(
    of file: borrowing ProgramFile, machine: Machine, isInterpreter: Bool
  ) throws(LoadError.Reason) -> ProgramFileHeader {
    guard file.isELF else { throw .unknownFormat }
    let header = ProgramFileHeader(prefix: file.prefix)
    guard header.machine == machine || header.machine.isI386 && machine.isI386 else {
      throw wrongMachine(file.prefix, expected: machine)
    }
    // The kernel reads the first bytes of a program into a buffer of zeros, so a program's header may be cut short. An interpreter's may
    // not.
    guard !isInterpreter || file.prefix.count >= header.size else {
      throw .headers(.headerTruncated(fileSize: file.size))
    }
    guard header.type == .executable || header.type == .sharedObject else { throw .wrongType(header.type) }
    return header
  }

  /// The machine in a file's identification bytes, as far as these are valid.
  private static func wrongMachine(_ prefix: [UInt8], expected: Machine) -> LoadError.Reason {
    guard prefix.count >= 20 else { return .headers(.headerTruncated(fileSize: UInt64(prefix.count))) }
    let order = ByteOrder(rawValue: prefix[5]) ?? .littleEndian
    let machine = Machine(rawValue: order.word(UInt16.self, in: prefix, at: 18) ?? 0)
    return .wrongMachine(machine, ELFClass(rawValue: prefix[4]) ?? .bits64, order, expected: expected)
  }

  private static func table(
    _ header: ProgramFileHeader, of file: borrowing ProgramFile
  ) throws(LoadError.Reason) -> [ProgramHeader] {
    guard Int(header.programHeaderEntrySize) == header.expectedEntrySize else {
      let isOfOtherClass = file.prefix.count > 4 && file.prefix[4] == (header.width == .bits64 ? 1 : 2)
      // An x32 program is an example.
      throw isOfOtherClass
        ? wrongMachine(file.prefix, expected: header.machine)
        : .headers(.programHeaderSize(found: header.programHeaderEntrySize, expected: header.expectedEntrySize))
    }
    let size = Int(header.programHeaderCount) * header.expectedEntrySize
    guard size > 0, size <= 65536 else { throw .headers(.programHeaderCount(Int(header.programHeaderCount))) }
    let bytes = try read(file, at: header.programHeaderOffset, count: size)
    guard bytes.count == size else {
      throw .headers(
        .programHeadersOutsideFile(offset: header.programHeaderOffset, size: size, fileSize: file.size))
    }
    return header.table(bytes)
  }

  private static func plan(
    _ header: ProgramFileHeader, _ table: [ProgramHeader], _ file: borrowing ProgramFile, _ isInterpreter: Bool,
    _ limits: LoadPlan.Limits
  ) throws(LoadError.Reason) -> LoadPlan {
    do throws(LoadFlaw) {
      return try LoadPlan(
        header: header, table: table, fileSize: file.size, isInterpreter: isInterpreter, limits: limits)
    } catch {
      throw .headers(error)
    }
  }

  private static func interpreterPath(
    _ plan: LoadPlan, in file: borrowing ProgramFile
  ) throws(LoadError.Reason) -> [UInt8]? {
    guard let place = plan.interpreter else { return nil }
    let bytes = try read(file, at: place.lowerBound, count: place.count)
    guard bytes.count == place.count, bytes.last == 0 else {
      throw .headers(.interpreterPathUnterminated(offset: place.lowerBound))
    }
    return Array(bytes.prefix { $0 != 0 })
  }

  /// Reads the properties segment. The kernel reads at most a kibibyte of it.
  private static func codeProtection(
    _ table: [ProgramHeader], of file: borrowing ProgramFile
  ) throws(LoadError.Reason) -> Int32 {
    guard NativeABI.checksBranchTargets, let segment = table.last(where: { $0.type == .property }) else { return 0 }
    return NativeABI.codeProtection(
      properties: try read(file, at: segment.fileOffset, count: Int(min(segment.fileSize, 1024))))
  }

  /// Returns fewer bytes than requested if the file ends before.
  private static func read(
    _ file: borrowing ProgramFile, at offset: UInt64, count: Int
  ) throws(LoadError.Reason) -> [UInt8] {
    guard offset <= file.size else { return [] }
    do throws(Errno) {
      return try file.file.read(at: offset, count: count)
    } catch {
      throw .file(errno: error)
    }
  }
}
