// SPDX-License-Identifier: Apache-2.0

/// The times of files can't follow the program's time.
struct FileTimesError: Error, Hashable, CustomStringConvertible {
  var description: String {
    "--file-times needs a date that goes at the host's rate: with a rate, or a clock that stands or steps, no file time would be "
      + "right; omit it, or pass an offset or a start date, as in --time +3d"
  }
}
