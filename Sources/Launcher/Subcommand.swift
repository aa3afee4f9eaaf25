// SPDX-License-Identifier: Apache-2.0

/// The words that name a subcommand where a program could stand.
public enum Subcommand: String, CaseIterable, Sendable {
  case run
  case auxv
  case symbols
  case resolve
  case lint
  case image
  case bench
  case doctor
  case ps
  case time
  case help
}
