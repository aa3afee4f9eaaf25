// SPDX-License-Identifier: Apache-2.0

import SimulatedKernel
import VDSOImages

/// The simulated tasks of one run of Tests/Fixtures/mach/claims.txt, by their letters in that script.
struct MachClaims {
  private var tasks: [Substring: SimulatedTask] = [:]

  /// Makes the call in `line`, and returns its result in the notation of that file.
  mutating func answer(_ line: Substring) -> String {
    // The model has no such call either.
    if line.hasPrefix("remap ") { return "MIG_BAD_ID" }
    do throws(KernReturn) {
      let details = try call(line.split(separator: " "))
      return ([KernReturn.success.description] + details).joined(separator: " ")
    } catch {
      return "\(error)"
    }
  }

  private mutating func call(_ words: [Substring]) throws(KernReturn) -> [String] {
    if words[0] == "task" {
      tasks[words[1]] = SimulatedTask(architecture: .i386)
      return []
    }
    guard let task = tasks[words[1]] else { throw .failure }
    switch words[0] {
    case "fork": tasks[words[2]] = try task.fork()
    case "end": try task.terminate()
    default: return try access(&task.addressSpace, words[0], numbers: words.dropFirst(2).map(Self.number), words)
    }
    return []
  }

  private func access(
    _ space: inout AddressSpace, _ call: Substring, numbers: [UInt64], _ words: [Substring]
  ) throws(KernReturn) -> [String] {
    let address = numbers[0]
    let size = numbers.count > 1 ? numbers[1] : 0
    var place: UInt64?
    switch call {
    case "map":
      place = try space.map(
        at: address, size: size, protection: Self.protection(words[4]), maximumProtection: Self.protection(words[5]),
        inheritance: try Self.inheritance(words[6]))
    case "map-anywhere":
      place = try space.mapAnywhere(
        size: size, mask: numbers[5], protection: Self.protection(words[4]),
        maximumProtection: Self.protection(words[5]), inheritance: try Self.inheritance(words[6]))
    case "allocate": place = try space.allocate(at: address, size: size)
    case "allocate-anywhere": place = try space.allocateAnywhere(size: size)
    case "deallocate": space.deallocate(address, size: size)
    case "protect": try space.protect(address, size: size, Self.protection(words[4]))
    case "maximum": try space.protect(address, size: size, Self.protection(words[4]), setMaximum: true)
    case "inherit": space.inherit(address, size: size, try Self.inheritance(words[4]))
    case "write": try space.write(Array(repeating: UInt8(numbers[2]), count: Int(size)), at: address)
    case "copy": try space.copy(address, size: size, to: numbers[2])
    case "wire": try space.wire(address, size: size, Self.protection(words[4]))
    case "attribute": try space.machineAttribute(address, size: size)
    case "load": _ = try space.access(address, .read)
    case "store": _ = try space.access(address, .write)
    case "run": _ = try space.access(address, .execute)
    case "read":
      let bytes = try space.read(address, count: Int(size))
      return [bytes.first, bytes.last].compactMap { $0.map { "\($0)" } }
    case "region": return Self.description(try space.region(at: address), at: address)
    default: throw .failure
    }
    return place.map { ["0x" + String($0, radix: 16)] } ?? []
  }

  private static func description(_ entry: MapEntry, at address: UInt64) -> [String] {
    let page = address - address % AddressSpace.pageSize
    return [
      "0x" + String(max(entry.address, page), radix: 16), name(entry.protection), name(entry.maximumProtection),
      "\(entry.inheritance)",
    ]
  }

  private static func name(_ protection: Protection) -> String {
    let letters = [(Protection.read, "r"), (.write, "w"), (.execute, "x")]
    return letters.map { protection.contains($0.0) ? $0.1 : "-" }.joined() + (protection.contains(.notify) ? "+" : "")
  }

  private static func number(_ word: Substring) -> UInt64 {
    (word.hasPrefix("0x") ? UInt64(word.dropFirst(2), radix: 16) : UInt64(word)) ?? 0
  }

  private static func protection(_ word: Substring) -> Protection {
    if let number = Int32(word) { return Protection(rawValue: number) }
    let bits: [Character: Protection] = ["r": .read, "w": .write, "x": .execute]
    return Protection(word.compactMap { bits[$0] })
  }

  private static func inheritance(_ word: Substring) throws(KernReturn) -> Inheritance {
    switch word {
    case "share": .share
    case "copy": .copy
    case "none": .none
    default: try Inheritance(ofMach: UInt32(word) ?? .max)
    }
  }
}
