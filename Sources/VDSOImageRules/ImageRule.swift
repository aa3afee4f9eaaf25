// SPDX-License-Identifier: Apache-2.0

/// A rule that a code page must keep so that its consumers can use it. Its raw value is its name, for people.
public enum ImageRule: String, CaseIterable, Hashable, Sendable {
  /// The file fits into VDSO_PAGE_SIZE bytes.
  case onePage = "one page"
  /// A readable ELF shared object: little-endian, operating system ABI 0.
  case sharedObject = "shared object"
  /// The file header states its own size and that of a program header, and the program headers come after it.
  case headerSizes = "header sizes"
  /// On i386 the entry point is `__kernel_vsyscall`, where AT_SYSINFO points.
  case entryPoint = "entry point"

  /// Exactly one PT_LOAD, read and execute, at offset and address 0, as long in memory as in the file.
  case oneSegment = "one segment"
  /// One each of PT_DYNAMIC, PT_NOTE, PT_GNU_EH_FRAME and PT_GNU_STACK, and nothing else but PT_LOAD.
  case programHeaders = "program headers"
  /// PT_GNU_STACK does not ask for an executable stack.
  case plainStack = "plain stack"
  /// File offsets equal addresses, in all program headers.
  case offsetsAreAddresses = "offsets are addresses"
  /// No section is writable: it would not be mapped writable, and tasks would share it.
  case nothingWritable = "nothing writable"

  /// The tags that consumers read without asking whether they are there.
  case dynamicTags = "dynamic tags"
  /// Both DT_HASH and DT_GNU_HASH, each leading to every symbol: some consumers know one, some the other.
  case bothHashTables = "both hash tables"
  /// No relocation of any kind: a vDSO isn't relocated.
  case noRelocations = "no relocations"
  /// Linux's name for a vDSO of the architecture.
  case soname = "soname"
  /// The image defines its own name as base version, and Linux's versions of the architecture: Go crashes without.
  case versions = "versions"

  /// Exactly the names of the architecture, each at Linux's version: some consumers crash where one is missing.
  case names = "names"
  /// Every exported symbol is a function.
  case functions = "functions"
  /// No function is smaller than 16 bytes: tools that replace one overwrite up to that many.
  case functionSizes = "function sizes"
  /// Every function starts at a multiple of 16 bytes.
  case functionAlignment = "function alignment"
  /// Every function lies inside the segment, behind the program headers.
  case functionPlaces = "function places"
  /// Every symbol belongs to the section of code that it lies in: gdb takes it for data otherwise.
  case symbolSections = "symbol sections"
  /// At least 31 bytes can be read from the start of each name: CRIU compares that many.
  case roomForNames = "gap after names"
  /// Nothing undefined.
  case nothingUndefined = "nothing undefined"

  /// At least one system call instruction, for debuggers look for one; none where there are no system calls.
  case systemCall = "system call"
  /// The unwind table's index is sorted and leads to an entry for every byte of every function.
  case unwindTable = "unwind table"
  /// The note that names the Mach header is there and names its place.
  case headerNote = "header note"
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
