// SPDX-License-Identifier: Apache-2.0

import CVDSO
import ELFEditing
public import VDSOImages

extension CodePage {
  /// Takes a page of this kind that exists already, for example in a file; nil if it has no Mach header at its offset.
  public init?(pages: [UInt8], architecture: VDSOImages.Architecture) {
    guard Self.hasMachHeader(pages) else { return nil }
    self.architecture = architecture
    flavor = .linux
    bytes = pages
  }

  /// Whether `bytes` are a whole page with our Mach header at its offset.
  public static func hasMachHeader(_ bytes: [UInt8]) -> Bool {
    let header = Int(VDSO_HEADER_OFFSET)
    return bytes.count == Int(VDSO_PAGE_SIZE) && bytes[header, 4] == Int(VDSO_MAGIC)
      && bytes[header + 4, 4] == Int(VDSO_VERSION)
  }
}
