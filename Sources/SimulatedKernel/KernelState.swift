// SPDX-License-Identifier: Apache-2.0

import CVDSO

/// What a kernel's vDSO looks like from the kernel. The corresponding C type is `vdso_state_t`.
public struct KernelState: Sendable {
  /// The code page, Mach header included, as it is before a task's host entry points are written; nil before `bootstrap`.
  public let page: CodePage?
  /// Whether `initialize` has succeeded.
  public let isInitialized: Bool

  /// The size of the code page in bytes.
  public var byteCount: Int { Int(VDSO_PAGE_SIZE) }
}
