// SPDX-License-Identifier: Apache-2.0

public import ELF

/// The addresses of a program's parts in memory, computed from its headers alone. Making a plan changes nothing.
///
/// Addresses are as linked. A load bias is added to all of them when the plan is executed.
public struct LoadPlan: Hashable, Sendable {
  /// How the base address is chosen.
  public enum Placement: Hashable, Sendable {
    /// At the linked addresses, `ET_EXEC`.
    case fixed
    /// Anywhere that is a multiple of `alignment` away from the linked addresses, `ET_DYN`.
    case relocatable(alignment: UInt64)
  }

  /// One loadable segment, in whole pages.
  public struct Segment: Hashable, Sendable {
    /// The position in the program header table.
    public var index: Int
    /// The pages that the file fills; empty if it fills none. Pages past the file's end are mapped too, but can't be accessed.
    public var filePages: Range<UInt64>
    /// Where `filePages` begins in the file.
    public var fileOffset: UInt64
    /// The bytes of the last page of `filePages` that must be zeroed; empty in segments that aren't writable.
    public var zeroedTail: Range<UInt64>
    /// The pages that are zero at the start. They are writable, also if `flags` doesn't allow writing.
    public var zeroPages: Range<UInt64>
    public var flags: SegmentFlags
  }

  /// Bounds in bytes, not pages, that /proc/PID/stat shows of a program.
  public struct Bounds: Hashable, Sendable {
    /// From the first executable byte to past the last; empty if none is executable.
    public var code: Range<UInt64>
    /// From the start of the highest segment to the end of its part from the file.
    public var data: Range<UInt64>
    /// The end of the highest segment, behind which the break may begin.
    public var end: UInt64
  }

  public var placement: Placement
  /// The segments in the table's order. If two share a page, the later one gets it.
  public var segments: [Segment]
  /// The first instruction.
  public var entry: UInt64
  /// The address of the program header table in memory, 0 if no segment contains it.
  public var programHeaders: UInt64
  public var programHeaderCount: Int
  /// The size of one program header in bytes.
  public var programHeaderEntrySize: UInt16
  /// The range of the file with the interpreter's path and its null; nil if the program has no interpreter.
  public var interpreter: Range<UInt64>?
  /// Whether the program asks for an executable stack.
  public var stackIsExecutable: Bool
  /// Whether the program states anything about its stack. An i386 program that doesn't may execute all memory that it can read.
  public var statesItsStack: Bool
  public var bounds: Bounds
  /// From the first page of all segments to the end of the last one, including segments without bytes. A relocatable program needs that
  /// much free memory. Empty if there is nothing to load. The corresponding kernel function is `total_mapping_size`.
  public var extent: Range<UInt64>

  /// The pages of the segments, adjacent ones joined.
  public var pages: [Range<UInt64>] {
    segments.flatMap { [$0.filePages, $0.zeroPages] }.coalesced()
  }
}
