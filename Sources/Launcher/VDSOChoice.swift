// SPDX-License-Identifier: Apache-2.0

/// Which vDSO a program gets.
public enum VDSOChoice: Hashable, Sendable {
  /// Ours.
  case ours
  /// The kernel's vDSO, which the program would have in any case.
  case kernel
  /// None: the auxiliary vector names no image, and the program makes system calls.
  case none
  /// The image in the file at the path, with our time and identity pages below it.
  case file([UInt8])

  /// `ours`, `kernel`, `none`, or else the path of a file, bytes without a null. A file with one of these names needs a path with a slash.
  public init(_ text: [UInt8]) {
    switch String(decoding: text, as: UTF8.self) {
    case "ours": self = .ours
    case "kernel": self = .kernel
    case "none": self = .none
    default: self = .file(text)
    }
  }

  /// Whether the program gets our time page.
  public var hasTimePage: Bool { self != .kernel && self != .none }
}

/// A way to start programs.
public enum Engine: String, CaseIterable, Sendable {
  /// By execve if programs can be traced, else by loading.
  case auto
  /// By the kernel's execve; a supervisor injects the pages.
  case exec
  /// By a loader in this process.
  case load
}
