// The files of sockets.
//
// Assumes: paths are passed to the C library for the call alone.

import Glibc

/// A socket's file that exists already.
enum FileInUse {
  /// The error number of listening there.
  static let number = EADDRINUSE

  /// Whether it is a socket at which nobody listens.
  static func isAbandoned(_ path: String) -> Bool {
    do throws(ControlError) {
      _ = try PacketSocket(connectedTo: .file(path))
      return false
    } catch {
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { return false }
      return error.errno == ECONNREFUSED && status.st_mode & S_IFMT == 0o140000
    }
  }

  static func remove(_ path: String) {
    unsafe _ = unlink(path)
  }
}
