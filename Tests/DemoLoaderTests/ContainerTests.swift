import Foundation
import TestSupport
import Testing

/// With Docker's default capabilities and seccomp profile, as `programs/container.c` imitates them.
@Suite("In a container", .enabled(if: getuid() == 0))
struct ContainerTests {
  private static let loader = ProgramTests.loader

  /// Runs a command as the first program of a container.
  private func run(_ command: [String]) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    let container = try Fixtures.compile("programs/container.c", with: ["gcc"], in: directory)
    return try Command.run([container] + command)
  }

  @Test("the profile forbids copies of other processes' descriptors, and programs are followed all the same")
  func following() throws {
    let script = "date +%Y; env date +%Y; sh -c 'date +%Y'"
    for option in ["--follow", "--strict"] {
      let result = try run([Self.loader, "--time", "@2038-01-01", option, "sh", "-c", script])
      #expect(result.status == 0 && result.output == "2038\n2038\n2038\n", "\(option): \(result.output)")
    }
  }
}
