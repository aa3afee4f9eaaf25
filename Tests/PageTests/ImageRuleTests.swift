import ELF
import TestSupport
import Testing
import VDSOImageRules
import VDSOImages

@Suite("Rules of code pages")
struct ImageRuleTests {
  private func image(_ architecture: VDSOImages.Architecture = .x86_64) throws -> [UInt8] {
    let page = try #require(VDSOImages.page(for: architecture))
    return Array(page.prefix(try #require(VDSOImages.fileSize(for: architecture))))
  }

  @Test("are all kept by the images that were built", arguments: VDSOImages.Architecture.allCases)
  func kept(architecture: VDSOImages.Architecture) throws {
    #expect(try ImageRules.violations(in: image(architecture)) == [])
  }

  @Test("are all kept by the flavour for Mach")
  func keptByMach() throws {
    let page = try #require(VDSOImages.page(for: .i386, flavour: .mach))
    let size = try #require(VDSOImages.fileSize(for: .i386, flavour: .mach))
    #expect(ImageRules.violations(in: Array(page.prefix(size))) == [])
  }

  /// A byte of the x86_64 image to change, and the rule that it breaks.
  static let flaws: [(offset: Int, value: UInt8, rule: ImageRule)] = [
    (7, 3, .sharedObject),  // EI_OSABI: GNU
    (0, 0, .sharedObject),  // the magic number
    (16, 2, .sharedObject),  // e_type: ET_EXEC
    (68, 7, .oneSegment),  // p_flags of PT_LOAD: writable
    (97, 0x20, .oneSegment),  // p_filesz of PT_LOAD, not p_memsz
    (176, 7, .programHeaders),  // p_type of PT_NOTE: PT_TLS
    (129, 0, .offsetsAreAddresses),  // p_offset of PT_DYNAMIC
  ]

  @Test("are named by a check of an image that breaks one", arguments: flaws.indices)
  func broken(index: Int) throws {
    let flaw = Self.flaws[index]
    var bytes = try image()
    bytes[flaw.offset] = flaw.value
    #expect(ImageRules.violations(in: bytes).contains { $0.rule == flaw.rule })
  }

  @Test("refuse an image that is larger than a page")
  func large() throws {
    let bytes = try image() + [UInt8](repeating: 0, count: 4096)
    #expect(ImageRules.violations(in: bytes).map(\.rule) == [.onePage])
  }

  @Test("are broken by damage of any byte, or not: never a crash", arguments: 0..<16)
  func damage(part: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let whole = try image()
    for _ in 0..<200 {
      var bytes = whole
      bytes[Int.random(in: part * 240..<min((part + 1) * 240, bytes.count), using: &generator)] = generator.next(
        upTo: 255)
      _ = ImageRules.violations(in: bytes)
    }
  }
}

extension SeededGenerator {
  fileprivate mutating func next(upTo limit: UInt8) -> UInt8 { UInt8.random(in: 0...limit, using: &self) }
}
