// SPDX-License-Identifier: Apache-2.0

import CLinux
import ELF
import ExecEngine
import VDSOResolver

/// Where and how the threads of a process make injected calls: by code in a gap of the kernel's image.
struct CallSite {
  /// The width of the process's words and code.
  let width: ELFClass
  /// The addresses of the gap.
  let gap: Range<UInt64>

  /// Takes the gap of the kernel's image; nil if it has none that is large enough.
  init?(_ image: VDSOImage) {
    guard let gap = image.unusedBytes(Int(LINUX_CALL_STUB_CAPACITY)) else { return nil }
    (self.width, self.gap) = (image.width, gap..<gap + UInt64(LINUX_CALL_STUB_CAPACITY))
  }

  var numbers: CallNumbers { CallNumbers.numbers(width) }
}

extension VDSOImage {
  var width: ELFClass { object.header.elfClass }
}
