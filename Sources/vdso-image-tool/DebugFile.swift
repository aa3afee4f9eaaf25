// SPDX-License-Identifier: Apache-2.0

import ELF
import Foundation

/// The file in which profilers and debuggers find the names of an image's functions: the image as it was linked, with all its symbols.
enum DebugFile {
  /// Writes `linked` to the path at which tools look for it by the build identifier of `image`: `.build-id/XX/YYYY.debug` in `directory`.
  static func write(_ linked: [UInt8], of image: [UInt8], to directory: String) throws {
    guard let identifier = try SharedObject(memory: image).buildID, let first = identifier.first else {
      throw BuildFailure(description: "the linker made no build identifier")
    }
    let folder = "\(directory)/.build-id/\(hexadecimal([first]))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let file = "\(folder)/\(hexadecimal(identifier.dropFirst())).debug"
    try Data(linked).write(to: URL(fileURLWithPath: file))
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
