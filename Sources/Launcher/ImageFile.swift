// SPDX-License-Identifier: Apache-2.0

import ELF
import SimulatedKernel
import VDSOImages

/// An image in a file that programs can get as their vDSO: what could be wrong with it was checked.
struct ImageFile: Sendable {
  /// Its path, for people.
  let path: String
  let machine: Machine
  /// Whole pages: the file's bytes, and zeros.
  private let pages: [UInt8]

  private static let pageSize = 4096
  /// Those whose programs run here.
  static let machines: [Machine] = Machine.native == .x86_64 ? [.x86_64, .i386] : [.native]
  /// Room for the largest of any kernel's.
  static let largestSize = 16 * pageSize

  /// Reads the file.
  ///
  /// It must be a shared object for this machine, or i386 on x86_64, of at most 64 KiB, with dynamic symbols and one segment, read and execute,
  /// that begins with the file at the start of a page; for i386 with `__kernel_vsyscall`, which libcs call without asking.
  /// Linux's own is refused: in another place it waits for ever for data that isn't there.
  init(path bytesOfPath: [UInt8]) throws(ImageFileError) {
    let path = String(decoding: bytesOfPath, as: UTF8.self)
    let bytes: [UInt8]
    let flaw: ImageFileError.Flaw?
    do throws(ELFError) {
      let file = try FileHeaders.start(ofFile: bytesOfPath, limit: UInt64(Self.largestSize))
      bytes = file.bytes
      flaw = file.size > UInt64(Self.largestSize) ? .tooLarge : try Self.flaw(in: bytes)
      machine = try FileHeaders(bytes: bytes).header.machine
    } catch {
      throw ImageFileError(path: path, flaw: .image(error))
    }
    if let flaw { throw ImageFileError(path: path, flaw: flaw) }
    self.path = path
    pages = bytes + Array(repeating: 0, count: (Self.pageSize - bytes.count % Self.pageSize) % Self.pageSize)
  }

  /// The image for a program in whose process the kernel's own functions are at those addresses: they are filled in in ours.
  func code(host: HostEntryPoints) -> [UInt8] {
    guard var page = CodePage(pages: pages, architecture: machine == .i386 ? .i386 : .native) else { return pages }
    page.setHostEntryPoints(host)
    return page.bytes
  }

  /// What is wrong with it, the least dependent first.
  private static func flaw(in bytes: [UInt8]) throws(ELFError) -> ImageFileError.Flaw? {
    let headers = try FileHeaders(bytes: bytes)
    let header = headers.header
    let width: ELFClass = header.machine == .i386 ? .bits32 : .bits64
    guard Self.machines.contains(header.machine), header.elfClass == width else {
      return .wrongMachine(header.machine, header.elfClass)
    }
    guard header.type == .sharedObject else { return .notShared }
    let segments = headers.programHeaders.filter { $0.type == .load }
    guard segments.count == 1 else { return .segments(segments.count) }
    let segment = segments[0]
    guard segment.flags == [.read, .execute] else { return .protection }
    guard segment.fileOffset == 0, segment.virtualAddress % UInt64(pageSize) == 0 else { return .misplaced }
    guard segment.fileSize == segment.memorySize, segment.fileSize <= UInt64(bytes.count) else { return .incomplete }
    let symbols = try SharedObject(memory: bytes).symbols
    // It looks for the kernel's data in pages below it.
    guard !KernelsImage.isIt(bytes) else { return .kernels }
    let entry = try symbols.symbol(named: "__kernel_vsyscall")
    return header.machine == .i386 && entry == nil ? .noSystemCallEntry : nil
  }
}

/// Which images are the kernel's own. The name doesn't show it: ours and others have it too.
enum KernelsImage {
  /// Whether the image, as it lies in memory, says which kernel it is of, as each of Linux's does by a note of owner `Linux`,
  /// type 0.
  static func isIt(_ bytes: [UInt8]) -> Bool {
    guard let notes = try? ELFImage.notes(ofImageInMemory: bytes) else { return false }
    return notes.contains { $0.name == "Linux" && $0.type == 0 }
  }
}
