// SPDX-License-Identifier: Apache-2.0

public import ELF
import Glibc
public import SimulatedKernel
package import TimePages

/// Provides the pages that the programs of a session get instead of the kernel's vDSO.
public struct PageProvider {
  /// The pages of one program.
  public enum Image {
    /// The time page, an identity page, and these bytes, whole pages, as the code page.
    case code([UInt8])
    /// No vDSO: the entry in its auxiliary vector is removed.
    case none

    /// The size of the code page; with `covering`, with the tables that it needs to reach over the kernel's image.
    func codeSize(covering: Bool) -> Int? {
      guard case .code(let bytes) = self else { return nil }
      return covering ? CodePage.coveringSize(bytes) : bytes.count
    }
  }

  /// The descriptor of the shared time page in this process.
  public var timePage: Int32
  /// The session's number, which is that of its time page's file.
  public var session: UInt64
  /// Whether the file has a second page with the host's clocks, for programs in other time namespaces.
  public var hasHostPage = false
  /// Space in the file for code pages that all programs map; nil if each program makes a file of its own.
  package var sharedCode: SharedCode?
  /// Whether the report of a program waits until the program surely has its page.
  public var confirmsPages = false
  /// Whether mappings are sealed, if the kernel can do so.
  public var seals = true
  /// Makes the image of a program for a machine; the kernel's own functions are at the given addresses in its process. Nil if the program
  /// keeps the kernel's image.
  public var image: (Machine, HostEntryPoints) -> Image?
  /// The 16 bytes that each program's AT_RANDOM points at; nil to keep the kernel's.
  public var random: [UInt8]?
  /// The supervisor's further work; nil if it may end as soon as all programs have their pages.
  public var work: SupervisorDelegate?

  public init(
    timePage: Int32, session: UInt64, random: [UInt8]? = nil, work: SupervisorDelegate? = nil,
    image: @escaping (Machine, HostEntryPoints) -> Image?
  ) {
    self.timePage = timePage
    self.session = session
    self.random = random
    self.image = image
    self.work = work
  }

  /// Calls `body` with a descriptor of the time page for a program. It is opened separately, so that a lease shows whether a process still
  /// has the page.
  package func withTimePageForProgram(_ body: (Int32) -> Void) {
    let file = Execution.reopened(timePage)
    body(file >= 0 ? file : timePage)
    if file >= 0 { close(file) }
  }
}
