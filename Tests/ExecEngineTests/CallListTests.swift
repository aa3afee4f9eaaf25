import ELF
import TestSupport
import Testing

@testable import ExecEngine

@Suite("Lists of injected calls")
struct CallListTests {
  @Test("lie in memory as eight words a call, and end with a number below zero", arguments: [ELFClass.bits64, .bits32])
  func layout(width: ELFClass) throws {
    var list = CallList(width)
    list.append(9, 1, 2, 3, 4, 5, 6)
    list.append(39)
    let size = width.wordSize
    let words = stride(from: 0, to: list.bytes.count, by: size).map { list.bytes[$0] }
    #expect(words == [9, 1, 2, 3, 4, 5, 6, 0, 39, 0, 0, 0, 0, 0, 0, 0, 0xff])
  }

  @Test("tell errors from addresses above 2 GiB")
  func results() {
    var list = CallList(.bits32)
    list.append(1)
    list.append(2)
    var bytes = list.bytes
    bytes.replaceSubrange(28..<32, with: [0, 0xf0, 0xff, 0xf7])
    bytes.replaceSubrange(60..<64, with: [0xfe, 0xff, 0xff, 0xff])
    #expect(list.results(in: bytes) == [0xf7ff_f000, -2])
  }

  @Test(
    "run by code whose jumps, as objdump reads it, lead to the next call and to the trap",
    arguments: [ELFClass.bits64, .bits32])
  func code(width: ELFClass) throws {
    let directory = try TemporaryDirectory()
    let bytes = CallList.code(width)
    #expect(bytes.count % 8 == 0)
    let text = bytes.map(String.init).joined(separator: ",")
    let object = try directory.compile(
      "__asm__(\".text\\n.byte \(text)\");", named: "code", with: ["gcc", width == .bits64 ? "-m64" : "-m32", "-c"])
    let listing = try Command.run(["objdump", "-d", "--no-show-raw-insn", object]).output
    let trap = String(CallList.trapOffset(width) - 1, radix: 16)
    #expect(listing.contains("js     0x\(trap)") && listing.contains("jmp    0x0\n"), "\(listing)")
    #expect(listing.contains("\(trap):\tint3"), "\(listing)")
  }
}
