// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// An image as eu-readelf, an oracle, reports it.
struct ReadelfReport {
  /// A program header as `eu-readelf -l` prints it.
  struct Segment: Equatable {
    var type: String
    var offset, address, fileSize, memorySize: Int
    var flags: String
  }

  /// A symbol as `eu-readelf -s` prints it.
  struct Symbol {
    var name: String
    var version: String
    var value, size: Int
    var type, binding, section: String
  }

  private let directory: TemporaryDirectory
  private let path: String
  /// The same image without section headers, as a consumer of the mapped page sees it.
  private let bare: String

  init(_ image: BuiltImage) throws {
    directory = try TemporaryDirectory()
    path = "\(directory.path)/image.so"
    bare = "\(directory.path)/bare.so"
    try Data(image.bytes).write(to: URL(filePath: path))
    var bytes = image.bytes
    // The fields e_shoff, and e_shentsize to e_shstrndx.
    for index in bytes[4] == 2 ? Array(40..<48) + Array(58..<64) : Array(32..<36) + Array(46..<52) { bytes[index] = 0 }
    try Data(bytes).write(to: URL(filePath: bare))
  }

  /// The lines that the tool prints with these options, each split into words.
  func lines(_ options: String..., tool: String = "eu-readelf", bare: Bool = false) throws -> [[String]] {
    let result = try Command.run([tool] + options + [bare ? self.bare : path])
    try #require(result.status == 0, "\(result.output)")
    return result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  func segments() throws -> [Segment] {
    try lines("-l").compactMap { words in
      guard words.count >= 8, words[1].hasPrefix("0x") else { return nil }
      let numbers = words[1...5].compactMap { Int($0.dropFirst(2), radix: 16) }
      return Segment(
        type: words[0], offset: numbers[0], address: numbers[1], fileSize: numbers[3], memorySize: numbers[4],
        flags: words[6..<words.count - 1].joined())
    }
  }

  /// The symbols after the empty one.
  ///
  /// They come from the section headers, or, if `bare`, from the dynamic table. elfutils has no option for that, so binutils is used.
  func symbols(bare: Bool = false) throws -> [Symbol] {
    let lines = bare ? try lines("-DsW", tool: "readelf", bare: true) : try lines("-s")
    return lines.compactMap { words in
      guard words.count == 8, words[0].hasSuffix(":"), let value = Int(words[1], radix: 16), let size = Int(words[2])
      else { return nil }
      let name = words[7].split(separator: "@").map(String.init)
      return Symbol(
        name: name[0], version: name.count == 2 ? name[1] : "", value: value, size: size, type: words[3],
        binding: words[4], section: words[6])
    }
  }

  /// The tags of the dynamic table, as printed.
  func tags() throws -> [String] {
    try Array(lines("-D", "-d", bare: true).drop { $0.first != "Type" }.dropFirst().compactMap(\.first))
  }

  /// The text after `label` in the file header.
  func header(_ label: String) throws -> String? {
    let words = label.split(separator: " ").map(String.init)
    return try lines("-h").first { $0.starts(with: words) }?.dropFirst(words.count).joined(separator: " ")
  }

  /// The complaints of eu-elflint.
  func lint() throws -> [String] {
    try Command.run(["eu-elflint", "--gnu-ld", path]).output.split(separator: "\n").map(String.init)
  }
}
