// A program's file, as `execve` would look at it.
//
// Assumes: one input at a time; the descriptor lives as long as the program.

import AuxvLoader
import ELF
import Glibc

private let descriptor = memfd_create("program", 0)
private let path = "/proc/self/fd/\(descriptor)"

/// A program: it may be loaded, or there is an error; a plan keeps to the file and to the limits.
func fuzzProgram(_ input: [UInt8]) {
  guard descriptor >= 0, fchmod(descriptor, 0o700) == 0, ftruncate(descriptor, 0) == 0,
    pwrite(descriptor, input, input.count, 0) == input.count
  else { fatalError("cannot write a program: error \(errno)") }
  do throws(LoadError) {
    try ProgramLoader.check(ProgramInvocation(program: path, arguments: ["program"]))
  } catch {
    claimIsOneLine("\(error)")
  }
  checked { () throws(ELFError) in
    let headers = try FileHeaders(fileDescriptor: descriptor)
    plan(headers, fileSize: UInt64(input.count))
  }
}

private func plan(_ headers: FileHeaders, fileSize: UInt64) {
  let limits = LoadPlan.Limits(pageSize: 4096, addresses: 0x10000..<0x7fff_ffff_f000, memory: 1 << 40)
  let plan: LoadPlan
  do throws(LoadFlaw) {
    plan = try LoadPlan(
      header: headers.header, table: headers.programHeaders, fileSize: fileSize, limits: limits)
  } catch {
    return claimIsOneLine("\(error)")
  }
  var end: UInt64 = 0
  for segment in plan.segments {
    let pages = segment.filePages
    claim(pages.lowerBound % 4096 == 0 && segment.fileOffset % 4096 == 0, "segment \(segment.index) is not aligned")
    let header = headers.programHeaders[segment.index]
    claim(header.fileSize <= header.memorySize, "segment \(segment.index) has more bytes in the file than in memory")
    claim(pages.isEmpty || segment.fileOffset < fileSize, "segment \(segment.index) starts behind the file")
    claim(pages.isEmpty || pages.lowerBound + 4096 >= end, "segment \(segment.index) overlaps one before it")
    claim(segment.zeroPages.lowerBound >= pages.lowerBound, "segment \(segment.index) has zeros in front of it")
    end = max(end, pages.upperBound, segment.zeroPages.upperBound)
    claim(end <= limits.addresses.upperBound, "segment \(segment.index) ends above the program's addresses")
  }
  claim(plan.extent.count <= limits.memory, "the plan needs \(plan.extent.count) bytes")
}
