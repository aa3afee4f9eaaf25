// SPDX-License-Identifier: Apache-2.0

/// Which vDSO a program gets.
public enum VDSOChoice: Hashable, Sendable {
  /// Ours.
  case ours
  /// The kernel's, which it would have anyway.
  case kernel
  /// None: the auxiliary vector names no image, and the program makes system calls.
  case none
  /// The image in the file at the path, with our time and identity pages below it.
  case file([UInt8])

  /// `ours`, `kernel`, `none`, or else the path of a file, bytes without a null. A file of such a name has a path with a slash.
  public init(_ text: [UInt8]) {
    switch String(decoding: text, as: UTF8.self) {
    case "ours": self = .ours
    case "kernel": self = .kernel
    case "none": self = .none
    default: self = .file(text)
    }
  }

  /// Whether the program reads the time from our time page, or can.
  public var hasTimePage: Bool { self != .kernel && self != .none }
}

/// A way to start programs.
public enum Engine: String, CaseIterable, Sendable {
  /// By execve where programs can be traced, else by loading.
  case auto
  /// By the kernel's execve, with pages placed from outside.
  case exec
  /// By a loader in this process.
  case load
}
