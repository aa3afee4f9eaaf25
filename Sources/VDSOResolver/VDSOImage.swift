// The vDSO image of this process.
//
// Assumes that AT_SYSINFO_EHDR, where the kernel or a loader set it, is the address of a mapped ELF image whose first
// page is readable, and that the image stays mapped.

public import ELF

/// A vDSO image that is mapped in this process: its symbols, and where they are.
public struct VDSOImage: Sendable {
  /// The address of its first byte: what AT_SYSINFO_EHDR says.
  public let address: UInt
  public let header: ELFHeader
  public let symbols: DynamicSymbols
  /// How many bytes its loadable segments take, rounded up to pages.
  public let byteCount: Int
  /// What symbols' values are counted from.
  let baseAddress: UInt64

  /// Reads the image at `address`.
  ///
  /// - Parameter address: a page of an image that stays mapped and readable to the end of its last segment.
  @unsafe public init(at address: UInt) throws(ELFError) {
    guard let start = unsafe UnsafeRawPointer(bitPattern: address) else { throw .notELF }
    let first = try unsafe ELFImage(mappedAt: start, byteCount: Self.pageSize)
    let loads = try first.programHeaders().filter { $0.type == .load }
    guard let base = loads.first else { throw .missing(.segment) }
    // Address translation wraps: some kernels link their image in the upper half.
    let linked = base.virtualAddress &- base.fileOffset
    baseAddress = linked
    let end = loads.map { ($0.virtualAddress &- linked).addingReportingOverflow($0.memorySize) }
    guard let last = end.map(\.partialValue).max(), !end.contains(where: \.overflow), last <= Self.greatestSize else {
      throw .outsideImage(.segment, offset: 0, size: .max, imageSize: UInt64(Self.greatestSize))
    }
    byteCount = (Int(last) + Self.pageSize - 1) / Self.pageSize * Self.pageSize
    let image = try unsafe ELFImage(mappedAt: start, byteCount: byteCount)
    header = image.header
    symbols = try image.dynamicSymbols()
    self.address = address
  }

  /// Finds `function` by its name and version in Linux's catalogue.
  public func resolve(_ function: VDSOFunction) -> Resolution {
    guard header.machine == .native else { return .trap(.wrongMachine(header.machine)) }
    guard let catalog = SymbolCatalog(machine: header.machine, elfClass: header.elfClass) else {
      return .trap(.unknownMachine(header.machine))
    }
    let name = catalog.symbol(of: function)
    do throws(ELFError) {
      guard let symbol = try symbols.symbol(named: name, version: catalog.version) else {
        let other = try symbols.symbol(named: name)
        return .trap(other == nil ? .missingSymbol(name) : .wrongVersion(name, expected: catalog.version))
      }
      let offset = symbol.value &- baseAddress
      guard symbol.type == .function || symbol.type == .none, offset < UInt64(byteCount) else {
        return .trap(.notAFunction(name))
      }
      return .vdso(address: address &+ UInt(offset))
    } catch {
      return .trap(.brokenImage(error))
    }
  }

  private static let pageSize = 4096
  /// More than any kernel's image: a size beyond it is damage.
  private static let greatestSize: UInt64 = 1 << 20
}

extension Machine {
  /// The machine that this code is compiled for.
  public static var native: Machine {
    #if arch(x86_64)
      .x86_64
    #elseif arch(arm64)
      .aarch64
    #elseif arch(riscv64)
      .riscv
    #else
      .i386
    #endif
  }
}
