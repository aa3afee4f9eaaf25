// SPDX-License-Identifier: Apache-2.0

import ELF
import SimulatedKernel
import VDSOImages

/// An image in a file that programs can get as their vDSO; it has passed all checks.
struct ImageFile: Sendable {
  /// Its path, for people.
  let path: String
  let machine: Machine
  /// Whole pages: the file's bytes, and zeros.
  private let pages: [UInt8]

  private static let pageSize = 4096
  /// The machines whose programs run here.
  static let machines: [Machine] = Machine.native == .x86_64 ? [.x86_64, .i386] : [.native]
  /// The limit leaves space for the largest vDSO of any kernel.
  static let largestSize = 16 * pageSize

  /// Reads the file.
  ///
  /// It must be a shared object for this machine, or for i386 on x86_64, of at most 64 KiB, with dynamic symbols and one segment, which is
  /// read and execute and begins with the file at the start of a page. An i386 image needs `__kernel_vsyscall`, which libcs call without a
  /// test. A copy of Linux's image is refused: at another address it waits forever for data that isn't there.
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

  /// The image for a program whose process has the kernel's own functions at those addresses. In our images they are filled in.
  func code(host: HostEntryPoints) -> [UInt8] {
    guard var page = CodePage(pages: pages, architecture: machine == .i386 ? .i386 : .native) else { return pages }
    page.setHostEntryPoints(host)
    return page.bytes
  }

  /// The first flaw that is found. Checks that depend on others come later.
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
    // Such an image looks for the kernel's data in pages below it.
    guard !KernelsImage.isIt(bytes) else { return .kernels }
    let entry = try symbols.symbol(named: "__kernel_vsyscall")
    return header.machine == .i386 && entry == nil ? .noSystemCallEntry : nil
  }
}

/// Recognizes the kernel's own images. The name doesn't identify them: ours and others have the same one.
enum KernelsImage {
  /// Whether the image, as it lies in memory, states which kernel it belongs to. Each of Linux's images does so by a note of owner `Linux`,
  /// type 0.
  static func isIt(_ bytes: [UInt8]) -> Bool {
    guard let notes = try? ELFImage.notes(ofImageInMemory: bytes) else { return false }
    return notes.contains { $0.name == "Linux" && $0.type == 0 }
  }
}
