import CVDSO
import ELFEditing
public import VDSOImages

extension CodePage {
  /// Takes a page of this kind that was made before, from a file say; nil where there is no Mach header in its place.
  public init?(pages: [UInt8], architecture: VDSOImages.Architecture) {
    let header = Int(VDSO_HEADER_OFFSET)
    guard pages.count == Int(VDSO_PAGE_SIZE), pages[header, 4] == Int(VDSO_MAGIC),
      pages[header + 4, 4] == Int(VDSO_VERSION)
    else { return nil }
    self.architecture = architecture
    flavour = .linux
    bytes = pages
  }
}
