// SPDX-License-Identifier: Apache-2.0

import ELF

/// The first program runs with other rights than the process that starts it: it keeps the kernel's page, whatever was requested.
struct OtherRightsError: Error, CustomStringConvertible {
  var program: String
  /// What can't be had then, as people give it.
  var option: String?

  var description: String {
    "\(option.map { "\($0): " } ?? "")\(rights), so it can't get our page; start demo-loader with those rights instead\(example)"
  }

  /// What the user reads where the program starts all the same.
  func warning(hasOtherTime: Bool) -> String {
    hasOtherTime
      ? "\(rights), so it and the programs that it executes see the host's time; start demo-loader with those rights instead\(example)"
      : "\(rights), so it stays on the kernel's page"
  }

  private var rights: String { "\(program.escapingControls): runs with the rights of another user or group" }
  private var example: String { ", as in \"sudo demo-loader PROG\"" }
}
