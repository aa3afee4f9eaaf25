// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// The report of `vdso-addresses.c`: the addresses at which the dynamic linker of another process found the functions.
struct AddressReport {
  /// Addresses by name; 0 if there is no such function.
  let addresses: [String: UInt64]

  /// Waits for the program to write its report.
  init(path: String) throws {
    for _ in 0..<2000 where !FileManager.default.fileExists(atPath: path) { usleep(5000) }
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: " ")
    }
    addresses = Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), UInt64($0[1], radix: 16) ?? 0) })
  }

  subscript(name: String) -> UInt64 { addresses[name] ?? 0 }
}
