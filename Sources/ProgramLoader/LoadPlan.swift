// SPDX-License-Identifier: Apache-2.0

public import ELF

/// Where each part of a program goes in memory, computed from its headers alone: making one changes nothing.
///
/// Addresses are as linked; a load bias is added to all of them when the plan is carried out.
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
    /// What the file fills, empty if it fills nothing. Pages past the file's end are mapped all the same, and can't be touched.
    public var filePages: Range<UInt64>
    /// Where `filePages` begins in the file.
    public var fileOffset: UInt64
    /// The bytes of the last page of `filePages` that must be zeroed; empty in segments that aren't writable.
    public var zeroedTail: Range<UInt64>
    /// What is zero from the start, and writable whatever `flags` says.
    public var zeroPages: Range<UInt64>
    public var flags: SegmentFlags
  }

  /// Bounds in bytes, not pages, that /proc/PID/stat shows of a program.
  public struct Bounds: Hashable, Sendable {
    /// From the first executable byte to past the last; empty if none is executable.
    public var code: Range<UInt64>
    /// From the start of the highest segment to the end of what the file fills.
    public var data: Range<UInt64>
    /// Where the highest memory ends, and the break may begin.
    public var end: UInt64
  }

  public var placement: Placement
  /// In the table's order: where two have a page in common, the later one has it.
  public var segments: [Segment]
  /// The first instruction.
  public var entry: UInt64
  /// Where the program header table is in memory, 0 if no segment holds it.
  public var programHeaders: UInt64
  public var programHeaderCount: Int
  public var programHeaderEntrySize: UInt16
  /// Where the file states the path of the interpreter, its null included; nil if it asks for none.
  public var interpreter: Range<UInt64>?
  /// Whether the program asks for an executable stack.
  public var stackIsExecutable: Bool
  /// Whether it says at all what stack it wants: programs for i386 that don't may execute all they can read.
  public var statesItsStack: Bool
  public var bounds: Bounds
  /// From the first page of all segments to the end of the last one, those without bytes included: what must be free where a relocatable
  /// program goes. Empty where nothing is loaded. The corresponding kernel function is `total_mapping_size`.
  public var extent: Range<UInt64>

  /// The pages of the segments, adjacent ones joined.
  public var pages: [Range<UInt64>] {
    segments.flatMap { [$0.filePages, $0.zeroPages] }.coalesced()
  }
}
