// SPDX-License-Identifier: Apache-2.0

/// The words that name a subcommand in the place where a program's name could be.
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
  case attach
  case detach
  case help
}

extension Subcommand {
  /// The subcommand that `name`, a program that isn't found, was meant to be: at most two letters are wrong, missing or too many, or two
  /// neighbors are exchanged.
  public static func like(_ name: String) -> String? {
    if let command = Subcommand(rawValue: name) { return command.rawValue }
    let letters = Array(name.utf8)
    guard letters.count > 3 else { return nil }
    return allCases.map { $0.rawValue }.first { $0.utf8.count > 3 && distance(letters, Array($0.utf8)) <= 2 }
  }

  /// The number of letters to change, add, remove or exchange with their neighbor.
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var rows = [Array(0...other.count)]
    for (i, letter) in one.enumerated() {
      var row = [i + 1]
      for (j, otherLetter) in other.enumerated() {
        var least = min(rows[i][j] + (letter == otherLetter ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, letter == other[j - 1], one[i - 1] == otherLetter {
          least = min(least, rows[i - 1][j - 1] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[one.count][other.count]
  }
}
