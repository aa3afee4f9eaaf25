// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import ExecEngine
import Glibc

/// The file that execve is called with.
struct ExecutableFile {
  let path: [UInt8]
  /// Whether execve would give the program other rights than this process has: set-user-id, set-group-id, capabilities.
  var changesRights: Bool { FileRights.areChanged(byExecuting: image) }
  /// The file whose rights count: for a script they are its interpreter's, not its own.
  private var image: [UInt8] { (try? ProgramLoader.imagePath(of: invocation)) ?? path }
  private let invocation: ProgramInvocation

  /// Looks the program up in PATH unless its name holds a slash. The corresponding C function is `execvp`.
  init(_ invocation: ProgramInvocation) throws(LoadError) {
    path = try invocation.path()
    self.invocation = invocation
  }
}
