// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import Glibc
import ProcessSupport
import SimulatedKernel
import TestSupport
import Testing
import TimePages
import VDSOImages
import VDSOResolver

@testable import ExecEngine

@Suite("What a supervisor remembers of the kernel's vDSO")
struct HostImagesTests {
  private let header = AuxvKey.vdso.valueInThisProcess

  @Test("finds the same gap below the kernel's vDSO the second time, without the text of all mappings")
  func place() throws {
    func expected(_ pages: UInt64) throws -> UInt64? {
      PlaceBelowVDSO.address(
        in: try SmallFile.contents(of: "/proc/self/maps"), header: header, count: pages * 4096)
    }
    var host = HostImages()
    for pages in 1...64 as ClosedRange<UInt64> {
      for _ in 0..<2 {
        // Other tests may map memory there meanwhile.
        let before = try expected(pages)
        let place = host.place(pages * 4096, below: header, in: getpid(), .native)
        #expect(try place == before || place == expected(pages), "\(pages) pages")
      }
    }
  }

  @Test("gives a page the same annex where it lies equally far below the kernel's vDSO, with that place's addresses")
  func covering() throws {
    var host = HostImages()
    let kernels = host.image(at: header, in: .own, .native)
    let image = try #require(kernels)
    let bytes = ProcessMemory.own.bytes(at: header, count: Int(try #require(image.object.vdsoExtent)))
    let tables = try #require(FunctionTables(bytes))
    let file = try TimePageFile()
    let shared = file.code
    let space = try #require(shared)
    for (distance, address) in [
      (0x8000, header), (0x8000, header + 0x7000), (0x9000, header), (0x9000, header - 0x7000),
    ] as [(UInt64, UInt64)] {
      let found = HostEntryPoints(image)
      func moved(_ entry: UInt64) -> UInt64 { entry == 0 ? 0 : entry &- header &+ address }
      var page = try #require(CodePage(architecture: .native))
      page.setHostEntryPoints(
        HostEntryPoints(
          clockGettime: moved(found.clockGettime), clockGetres: moved(found.clockGetres), time: moved(found.time),
          getcpu: moved(found.getcpu), getrandom: moved(found.getrandom), archSpecific: moved(found.archSpecific)))
      let expected = CodePage.covering(page.bytes, at: address - distance, host: tables, at: address)
      #expect(expected.count > page.bytes.count)
      for _ in 0..<2 {
        #expect(host.covering(page.bytes, at: address, from: address - distance, .native) == expected)
      }
      // One page is stored, for the first distance.
      let isStored = distance == 0x8000
      if address == header {
        #expect((host.share(expected, at: address, from: address - distance, in: space, .native) != nil) == isStored)
      }
      let stored = host.sharedPage(at: address, from: address - distance, .native)
      let words = SharedCodePage.addresses(.native)
      #expect(stored?.addressBytes == (isStored ? Array(expected[words]) : nil))
      guard let stored else { continue }
      var inFile = [UInt8](repeating: 0, count: stored.size)
      #expect(unsafe pread(file.descriptor, &inFile, inFile.count, off_t(stored.filePage * 4096)) == expected.count)
      inFile.replaceSubrange(words, with: stored.addressBytes)
      #expect(inFile == expected)
    }
  }
}
