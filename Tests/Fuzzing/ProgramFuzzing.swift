// SPDX-License-Identifier: Apache-2.0

// A program's file, read as `execve` reads it.
//
// Assumes: one input at a time; the descriptor lives as long as the program.

import ProgramLoader
import ELF
import Glibc

private let descriptor = memfd_create("program", 0)
private let path = "/proc/self/fd/\(descriptor)"

/// Reads a program: there is a plan or an error, and a plan stays inside the file and the limits.
func fuzzProgram(_ input: [UInt8]) {
  guard descriptor >= 0, fchmod(descriptor, 0o700) == 0, ftruncate(descriptor, 0) == 0,
    pwrite(descriptor, input, input.count, 0) == input.count
  else { fatalError("cannot write a program: error \(errno)") }
  do throws(LoadError) {
    try ProgramLoader.check(ProgramInvocation(program: path, arguments: ["program"]))
  } catch {
    claimIsOneLine("\(error)")
  }
  let header = ProgramFileHeader(prefix: Array(input.prefix(256)))
  let start = min(Int(clamping: header.programHeaderOffset), input.count)
  plan(header, header.table(Array(input[start...].prefix(65536))), fileSize: UInt64(input.count))
}

private func plan(_ header: ProgramFileHeader, _ table: [ProgramHeader], fileSize: UInt64) {
  let limits = LoadPlan.Limits(pageSize: 4096, end: 0x7fff_ffff_f000)
  let plan: LoadPlan
  do throws(LoadFlaw) {
    plan = try LoadPlan(header: header, table: table, fileSize: fileSize, limits: limits)
  } catch {
    return claimIsOneLine("\(error)")
  }
  for segment in plan.segments {
    let pages = segment.filePages
    claim(pages.lowerBound % 4096 == 0 && segment.fileOffset % 4096 == 0, "segment \(segment.index) is not aligned")
    let header = table[segment.index]
    claim(header.fileSize <= header.memorySize, "segment \(segment.index) has more bytes in the file than in memory")
    claim(
      segment.zeroedTail.isEmpty
        || segment.fileOffset + (segment.zeroedTail.lowerBound - pages.lowerBound) / 4096 * 4096 < fileSize,
      "segment \(segment.index) has zeros to write behind the file")
    claim(
      segment.zeroedTail.isEmpty || pages.contains(segment.zeroedTail.lowerBound),
      "segment \(segment.index) has zeros to write outside its pages")
    claim(segment.zeroPages.lowerBound == pages.upperBound, "segment \(segment.index) has zeros in front of it")
    claim(segment.zeroPages.upperBound <= limits.end, "segment \(segment.index) ends above the program's addresses")
  }
  let visible = plan.pages.reduce(0) { $0 + $1.count }
  claim(visible <= plan.extent.count, "the pages reach out of the extent")
}
