// SPDX-License-Identifier: Apache-2.0

// The C program's side of the comparison.
//
// Assumes that names and versions are constant strings that end with a null, and that the address is that of the kernel's vDSO.

import CLinux
import ReferenceResolver

enum Reference {
  static func openAndFind(_ names: [StaticString], version: StaticString, at address: UInt) {
    var image = unsafe reference_image()
    guard unsafe reference_open(&image, address) == 1 else { return }
    for name in names { _ = unsafe reference_find(&image, constant(version), constant(name)) }
  }

  static func call(_ function: UInt, _ clock: Int32, _ count: Int) {
    var time = linux_timespec()
    _ = unsafe reference_call_clock(function, clock, &time, count)
  }

  private static func constant(_ text: StaticString) -> UnsafePointer<CChar> {
    // SAFETY: bytes of a constant string, reinterpreted as signed ones.
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
