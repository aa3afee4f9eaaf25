// SPDX-License-Identifier: Apache-2.0

import ELF
import ExecEngine
import SimulatedKernel
import VDSOImages

/// The code pages of a session, for the programs of each architecture that this machine runs.
final class CodePages {
  private let kernel: SimulatedKernel
  private var i386: CodePage?

  init(_ kernel: SimulatedKernel) {
    self.kernel = kernel
  }

  /// The page for a program in which the kernel's functions are at `host`; nil if there is none.
  func image(_ machine: Machine, _ host: HostEntryPoints) -> PageProvider.Image? {
    switch machine {
    case .native: return (try? kernel.codePage(host: host)).map { .code($0.bytes) }
    case .i386:
      i386 = i386 ?? CodePage(architecture: .i386)
      i386?.setHostEntryPoints(host)
      return i386.map { .code($0.bytes) }
    default: return nil
    }
  }
}
