// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulatedKernel
import TestSupport
import Testing
import VDSOImages

/// A page, by the name under which processor.h has its architecture's properties.
private struct EmulatedPage: CustomStringConvertible {
  let architecture: VDSOImages.Architecture
  let flavor: VDSOImages.Flavor

  static let all =
    VDSOImages.Architecture.allCases.map { EmulatedPage(architecture: $0, flavor: .linux) }
    + [EmulatedPage(architecture: .i386, flavor: .mach)]

  var description: String { flavor == .mach ? "\(architecture.rawValue)-mach" : architecture.rawValue }
}

/// A program of Tests/Fixtures/emulated. It is compiled for the machine that runs the tests; the page may be of any architecture.
private struct Emulation {
  private let directory: TemporaryDirectory
  private let program: String

  init(_ name: String) throws {
    directory = try TemporaryDirectory()
    let compiler = ["gcc", "-O1", "-Wl,--no-as-needed", "-lunicorn"]
    program = try Fixtures.compile("emulated/\(name).c", with: compiler, in: directory)
  }

  func run(_ page: EmulatedPage, _ arguments: [String]) throws -> Command.Result {
    let file = "\(directory.path)/\(page)"
    let code = try #require(CodePage(architecture: page.architecture, flavor: page.flavor))
    try Data(code.bytes).write(to: URL(filePath: file))
    return try Command.run([program, page.description, file] + arguments)
  }
}

/// The built pages on emulated processors (unicorn), which observe each instruction, load, store and trap.
@Suite("Built pages on an emulated processor")
struct EmulatedPageTests {
  private let seed = UInt64.random(in: 1...UInt64.max)

  private func lastLine(_ output: String) -> Substring { output.split(separator: "\n").last ?? "" }

  @Test("built pages compute the same as the 128-bit reference, and access only pages, stack and results")
  func calls() throws {
    let emulation = try Emulation("calls")
    for page in EmulatedPage.all {
      let result = try emulation.run(page, ["\(seed)", "20000"])
      print("\(page), seed \(seed): \(lastLine(result.output))")
      #expect(result.status == 0, "\(page), seed \(seed): \(result.output)")
    }
  }

  /// Some bits have no effect: hints, a second encoding of an instruction, barriers that a single processor doesn't need.
  @Test("most flips of one bit in a built page are detected")
  func flips() throws {
    let emulation = try Emulation("flips")
    for page in EmulatedPage.all {
      let result = try emulation.run(page, ["\(seed)", "2000", "100"])
      print("\(page), seed \(seed): \(lastLine(result.output))")
      let words = lastLine(result.output).split(separator: " ")
      let noticed = try #require(words.first == "noticed" ? Int(words[1]) : nil, "\(result.output)")
      #expect(noticed >= 70, "\(page), seed \(seed): \(result.output)")
    }
  }

  @Test("readers return one whole state, wherever a writer interrupts them and however far it gets")
  func boundaries() throws {
    let emulation = try Emulation("boundaries")
    for page in EmulatedPage.all {
      let result = try emulation.run(page, ["\(seed)", "0"])
      print("\(page), seed \(seed): \(lastLine(result.output))")
      #expect(result.status == 0, "\(page), seed \(seed): \(result.output)")
      for flaw in 1...3 {
        let result = try emulation.run(page, ["\(seed)", "\(flaw)"])
        #expect(result.status == 1, "\(page), seed \(seed): flaw \(flaw) of the writer goes unnoticed")
      }
    }
  }
}
