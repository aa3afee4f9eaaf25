import Glibc

/// Writes lines to standard error, whole: one system call each.
public enum StandardError {
  public static func print(_ line: String) {
    var bytes = Array(line.utf8) + [0x0a]
    var rest = bytes.count
    while rest > 0 {
      let written = unsafe bytes.withUnsafeMutableBytes {
        unsafe write(2, $0.baseAddress! + ($0.count - rest), rest)
      }
      if written < 0 && errno != EINTR { return }
      rest -= max(written, 0)
    }
  }
}
