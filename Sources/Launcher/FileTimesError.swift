// SPDX-License-Identifier: Apache-2.0

/// The times of files can't follow the program's time.
struct FileTimesError: Error, Hashable, CustomStringConvertible {
  var description: String {
    "--file-times needs a date that goes on as the host's does: at a rate, or if the clock stands or steps, no file's time would be "
      + "right; omit it, or pass an offset or a start date, as in --time +3d"
  }
}
