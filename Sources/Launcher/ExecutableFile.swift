// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import ExecEngine
import Glibc

/// The file that execve is to be called with.
struct ExecutableFile {
  let path: [UInt8]
  /// Whether execve would give the program other rights than this process has: set-user-id, set-group-id, capabilities.
  var changesRights: Bool { FileRights.areChanged(byExecuting: image) }
  /// A script's own rights count for nothing, its interpreter's do.
  private var image: [UInt8] { (try? ProgramLoader.imagePath(of: invocation)) ?? path }
  private let invocation: ProgramInvocation

  /// Looks the program up in PATH unless its name holds a slash. The corresponding C function is `execvp`.
  init(_ invocation: ProgramInvocation) throws(LoadError) {
    path = try invocation.path()
    self.invocation = invocation
  }
}
