// Texts of error numbers, from a constant table of the C library.

import CLinux

/// The corresponding C function is `strerror`.
enum ErrorText {
  static func text(of number: Int32) -> String { unsafe String(cString: linux_error_text(number)) }
}
