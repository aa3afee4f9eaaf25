// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ELF
import Launcher

/// Errors of the libraries, as one line for people.
enum Failure {
  /// Returns the result of `body`. An error of the libraries becomes a line that names `subject`, and exit status 1.
  static func reported<Result>(subject: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      StandardError.print("demo-loader: \(subject.escapingControls): \(error)")
      throw ExitCode.failure
    }
  }
}
