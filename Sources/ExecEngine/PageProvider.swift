// SPDX-License-Identifier: Apache-2.0

public import ELF
import Glibc
public import SimulatedKernel

/// Provides what the programs of a session get in place of the kernel's vDSO.
public struct PageProvider {
  /// What one program gets.
  public enum Image {
    /// The time page, an identity page, and these bytes, whole pages, as the code page.
    case code([UInt8])
    /// Nothing: the entry in its auxiliary vector is struck out.
    case none

    /// How many bytes the code page has, if it can reach over the kernel's image with those that this takes.
    func codeSize(covering: Bool) -> Int? {
      guard case .code(let bytes) = self else { return nil }
      return covering ? CodePage.coveringSize(bytes) : bytes.count
    }

    /// The same for a program that has it at `address`, reaching over the kernel's image at `header`, whose tables are `host`.
    func covering(_ host: FunctionTables, at header: UInt64, from address: UInt64) -> Image {
      guard case .code(let bytes) = self else { return self }
      return .code(CodePage.covering(bytes, at: address, host: host, at: header))
    }
  }

  /// The descriptor of the shared time page in this process.
  public var timePage: Int32
  /// The session's number, that of the file of its time page.
  public var session: UInt64
  /// Whether a page of the host's clocks lies behind it in its file, for programs in other time namespaces.
  public var hasHostPage = false
  /// Whether mappings are sealed, where the kernel can do so.
  public var seals = true
  /// What a program for the machine gets, in whose process the kernel's own functions are at those addresses; nil if it
  /// keeps the kernel's image.
  public var image: (Machine, HostEntryPoints) -> Image?
  /// The 16 bytes that each program's AT_RANDOM points at; nil for the kernel's.
  public var random: [UInt8]?
  /// What the supervisor does besides; nil if it may end as soon as all programs have their pages.
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

  /// Calls `body` with a descriptor of the time page to be copied to a program: opened separately, so that a lease shows whether a process still has the page.
  package func withTimePageForProgram(_ body: (Int32) -> Void) {
    let file = Execution.reopened(timePage)
    body(file >= 0 ? file : timePage)
    if file >= 0 { close(file) }
  }
}
