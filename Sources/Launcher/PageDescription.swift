// SPDX-License-Identifier: Apache-2.0

import ELF
import TimePages
import VDSOResolver

/// Which page a program gets, and how the four calls resolve in it, for people.
struct PageDescription {
  var header: UInt64
  var clockSource: ClockSource
  var engine: Engine
  var image: VDSOImage?
  /// The file of the image, nil for our own image.
  var file: String?

  /// The line for a program that gets none of our pages.
  static func withoutPages(_ choice: VDSOChoice, engine: Engine) -> String {
    "demo-loader: \(choice == .none ? "no vDSO" : "the kernel's vDSO"), engine \(engine.rawValue)"
  }

  var lines: [String] {
    let name = file?.escapingControls ?? "our page"
    let page =
      "demo-loader: \(name) at \(hexadecimal(header)), clock source \(clockSource.rawValue), engine \(engine.rawValue)"
    guard let image else { return [page] }
    let calls: [VDSOFunction] = [.clockGettime, .gettimeofday, .time, .getpid]
    return [page] + calls.map { "demo-loader: \($0.name): \(image.resolve($0).description)" }
  }
}
