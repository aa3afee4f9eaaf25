/// A rule that a code page must keep so that its consumers can use it. Its raw value is its name, for people.
public enum ImageRule: String, CaseIterable, Hashable, Sendable {
  /// The file fits into VDSO_PAGE_SIZE bytes.
  case onePage = "one page"
  /// A readable ELF shared object: little-endian, operating system ABI 0.
  case sharedObject = "shared object"
  /// Exactly one PT_LOAD, read and execute, at offset and address 0, as long in memory as in the file.
  case oneSegment = "one segment"
  /// PT_DYNAMIC, PT_NOTE, PT_GNU_EH_FRAME and PT_GNU_STACK, and no PT_INTERP, PT_TLS or PT_GNU_RELRO.
  case programHeaders = "program headers"
  /// File offsets equal addresses, in all program headers.
  case offsetsAreAddresses = "offsets are addresses"
  /// Both DT_HASH and DT_GNU_HASH: some consumers know one, some the other.
  case bothHashTables = "both hash tables"
  /// No relocation of any kind: nobody would perform it.
  case noRelocations = "no relocations"
  /// The name that the project's images go by.
  case soname = "soname"
  /// Every symbol that is defined is a function of at least 16 bytes inside the segment, at the architecture's version.
  case functions = "functions"
  /// The note that names the Mach header is there and names its place.
  case headerNote = "header note"
  /// The symbols that consumers crash without: getcpu on x86_64 and RISC-V, __kernel_vsyscall on i386.
  case requiredSymbols = "required symbols"
  /// Nothing undefined.
  case nothingUndefined = "nothing undefined"
}

/// A rule that an image breaks.
public struct ImageViolation: Error, Hashable, Sendable, CustomStringConvertible {
  public var rule: ImageRule
  /// What was found.
  public var finding: String

  public init(_ rule: ImageRule, _ finding: String) {
    self.rule = rule
    self.finding = finding
  }

  public var description: String { "breaks the rule `\(rule.rawValue)`: \(finding)" }
}
