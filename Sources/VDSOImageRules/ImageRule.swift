// SPDX-License-Identifier: Apache-2.0

/// A rule that a code page must keep so that its consumers can use it. Its raw value is its name in messages.
public enum ImageRule: String, CaseIterable, Hashable, Sendable {
  /// The file fits into VDSO_PAGE_SIZE bytes.
  case onePage = "one page"
  /// The file is a readable ELF shared object: little-endian, operating system ABI 0.
  case sharedObject = "shared object"
  /// The file header states its own size and that of a program header, and the program headers come after it.
  case headerSizes = "header sizes"
  /// On i386 the entry point is `__kernel_vsyscall`, where AT_SYSINFO points.
  case entryPoint = "entry point"

  /// There is exactly one PT_LOAD, read and execute, at offset and address 0, as long in memory as in the file.
  case oneSegment = "one segment"
  /// Besides PT_LOAD there are one PT_DYNAMIC, PT_NOTE, PT_GNU_EH_FRAME and PT_GNU_STACK each, and nothing else.
  case programHeaders = "program headers"
  /// PT_GNU_STACK does not ask for an executable stack.
  case plainStack = "plain stack"
  /// File offsets equal addresses in all program headers.
  case offsetsAreAddresses = "offsets are addresses"
  /// No section is writable: it could not be mapped writable, and tasks would share it.
  case nothingWritable = "nothing writable"

  /// The tags are present that consumers read without a test for their presence.
  case dynamicTags = "dynamic tags"
  /// The image has both DT_HASH and DT_GNU_HASH, and every symbol can be found by each: some consumers know only one of them.
  case bothHashTables = "both hash tables"
  /// The image has no relocation of any kind, because a vDSO isn't relocated.
  case noRelocations = "no relocations"
  /// The name (DT_SONAME) is Linux's for a vDSO of the architecture.
  case soname = "soname"
  /// The image defines its own name as base version, and Linux's versions of the architecture: without them Go crashes.
  case versions = "versions"

  /// The image has exactly the names of the architecture, each at Linux's version: some consumers crash if one is missing.
  case names = "names"
  /// Every exported symbol is a function.
  case functions = "functions"
  /// No function is smaller than 16 bytes, because tools that replace a function overwrite up to that many.
  case functionSizes = "function sizes"
  /// Every function starts at a multiple of 16 bytes.
  case functionAlignment = "function alignment"
  /// Every function lies inside the segment, behind the program headers.
  case functionPlaces = "function places"
  /// Every symbol belongs to the section of code that it lies in: otherwise gdb takes it for data.
  case symbolSections = "symbol sections"
  /// At least 31 bytes can be read from the start of each name: CRIU compares that many.
  case roomForNames = "gap after names"
  /// No symbol is undefined.
  case nothingUndefined = "nothing undefined"

  /// The image has at least one system call instruction, because debuggers look for one; none if the system has no system calls.
  case systemCall = "system call"
  /// The unwind table's index is sorted and leads to an entry for every byte of every function.
  case unwindTable = "unwind table"
  /// The note that names the Mach header is there and has the header's offset.
  case headerNote = "header note"
}

/// A rule that an image breaks.
public struct ImageViolation: Error, Hashable, Sendable, CustomStringConvertible {
  public var rule: ImageRule
  /// The details of the violation.
  public var finding: String

  public init(_ rule: ImageRule, _ finding: String) {
    self.rule = rule
    self.finding = finding
  }

  public var description: String { "breaks the rule `\(rule.rawValue)`: \(finding)" }
}
