// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import ELF
import ExecEngine
import ProcessAttachment
import VirtualTime

/// How many bits a 32-bit program has for seconds since 1970.
enum TimeTWidth {
  case bits32
  case bits64
  /// Unknown: the program is static, or leaves the time to its libraries.
  case unknown

  /// The last date of 32 bits, in nanoseconds since the epoch.
  private static let last: Int64 = 2_147_483_647_999_999_999
  private static let narrowNames: Set<String> = ["clock_gettime", "gettimeofday", "time"]

  /// Refuses a program that can't represent the date at which its clock starts; warns if that is unknown.
  static func check(_ clock: VirtualClock?, _ invocation: ProgramInvocation) throws(StartError) {
    guard let clock, clock.start > last else { return }
    // If the program can't be read, the engine refuses it later.
    guard let machine = try? ProgramLoader.machine(of: invocation), machine == .i386,
      let path = try? ProgramLoader.imagePath(of: invocation)
    else { return }
    let name = String(decoding: path, as: UTF8.self)
    switch ofProgram(at: path) {
    case .bits64: break
    case .bits32: throw StartError(Refusal(program: name))
    case .unknown:
      StandardError.print(warning(of: name))
    }
  }

  /// The warning about a program that another one has executed, which can't be refused any more. Empty unless the program may be unable to
  /// represent `date`, in nanoseconds since the epoch.
  static func warnings(_ event: ProgramEvent, at date: Int64) -> [String] {
    guard date > last, let code = event.code, (try? FileHeaders(bytes: code))?.header.machine == .i386 else {
      return []
    }
    let process = "process \(event.process)"
    return switch ofProcess(event.process) {
    case .bits64: []
    case .bits32:
      [
        "demo-loader: \(process) is a 32-bit program whose time_t has 32 bits: it can't represent dates after \(lastDate)"
      ]
    case .unknown: [warning(of: process)]
    }
  }

  /// Refuses to attach to a program that can't represent `date`.
  static func check(_ target: AttachTarget, at date: Int64) throws(AttachError) {
    guard date > last, target.is32Bit, ofProcess(target.process) == .bits32 else { return }
    throw AttachError(
      "process \(target.process) is a 32-bit program whose time_t has 32 bits and ends at \(lastDate): pass an earlier date to --time"
    )
  }

  /// The warning about a program that was attached to; empty unless it may be unable to represent `date`.
  static func warnings(_ attached: AttachedProcess, at date: Int64) -> [String] {
    guard date > last, attached.is32Bit, ofProcess(attached.process) == .unknown else { return [] }
    return [warning(of: "process \(attached.process)")]
  }

  private static func warning(of program: String) -> String {
    "demo-loader: \(program) is a 32-bit program: if its time_t has 32 bits, it can't represent dates after \(lastDate)"
  }

  private static func ofProcess(_ process: Int32) -> TimeTWidth { ofProgram(at: Array("/proc/\(process)/exe".utf8)) }

  /// The width that the program's imports show: in glibc and musl, functions of 64-bit time have names of their own, such as
  /// `__clock_gettime64` and `__time64`.
  private static func ofProgram(at path: [UInt8]) -> TimeTWidth {
    do throws(ELFError) {
      let names = try SharedObject(path: path).symbols.importedNames()
      if names.contains(where: isWideName) { return .bits64 }
      return names.contains(where: narrowNames.contains) ? .bits32 : .unknown
    } catch {
      return .unknown
    }
  }

  /// Text is searched by bytes: Embedded Swift has no search for text in text.
  private static func isWideName(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard name.hasPrefix("__"), name.hasSuffix("64") else { return false }
    return bytes.indices.contains { bytes[$0...].starts(with: "time".utf8) }
  }

  private static let lastDate = "2038-01-19T03:14:07Z"

  private struct Refusal: Error, CustomStringConvertible {
    var program: String

    var description: String {
      "\(program): its time_t has 32 bits and ends at \(lastDate): pass an earlier date to --time, or build the program "
        + "with -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64"
    }
  }
}
