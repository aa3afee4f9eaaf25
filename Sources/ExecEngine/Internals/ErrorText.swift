// Texts of error numbers.
//
// Assumes what C says of strerror: null-terminated, and valid until this thread asks for the next.

import CLinux

/// What libc says of error numbers. The corresponding C function is `strerror`.
enum ErrorText {
  static func text(of number: Int32) -> String {
    unsafe String(cString: linux_error_text(number))
  }
}
