// SPDX-License-Identifier: Apache-2.0

import ELF

/// Which images are the kernel's own. The name doesn't show it: ours and others have it too.
enum KernelsImage {
  /// Whether the image, as it lies in memory, says which kernel it is of, as each of Linux's does by a note of owner `Linux`,
  /// type 0.
  static func isIt(_ bytes: [UInt8]) -> Bool {
    guard let notes = try? ELFImage.notes(ofImageInMemory: bytes) else { return false }
    return notes.contains { $0.name == "Linux" && $0.type == 0 }
  }
}
