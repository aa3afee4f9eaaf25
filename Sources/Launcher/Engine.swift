// SPDX-License-Identifier: Apache-2.0

/// A way to start programs.
public enum Engine: String, CaseIterable, Sendable {
  /// By execve where programs can be traced, else by loading.
  case auto
  /// By the kernel's execve, with pages placed from outside.
  case exec
  /// By a loader in this process.
  case load
}
