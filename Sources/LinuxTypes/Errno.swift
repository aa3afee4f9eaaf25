// SPDX-License-Identifier: Apache-2.0

// The error numbers of the system, and their texts.
//
// Assumes that the texts of error numbers are null-terminated, and valid until this thread asks for the next one, as C guarantees.

import CSystemCalls

/// The number of an error, as a system call returns it.
///
/// An open set: numbers without a name are kept. The names are for numbers that all Linux architectures of this package share. The
/// corresponding C constants are `E*`.
public struct Errno: RawRepresentable, Error, Hashable, Sendable {
  public var rawValue: Int32

  @inlinable
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The error of a call that returned its number negated, as the kernel does.
  @inlinable
  public init(result: some SignedInteger & FixedWidthInteger) {
    rawValue = Int32(truncatingIfNeeded: 0 &- result)
  }

  /// The corresponding C constant is `EPERM`.
  @inlinable public static var notPermitted: Errno { Errno(rawValue: 1) }
  /// The corresponding C constant is `ENOENT`.
  @inlinable public static var noSuchFileOrDirectory: Errno { Errno(rawValue: 2) }
  /// The corresponding C constant is `ESRCH`.
  @inlinable public static var noSuchProcess: Errno { Errno(rawValue: 3) }
  /// The corresponding C constant is `EINTR`.
  @inlinable public static var interrupted: Errno { Errno(rawValue: 4) }
  /// The corresponding C constant is `EIO`.
  @inlinable public static var ioError: Errno { Errno(rawValue: 5) }
  /// The corresponding C constant is `E2BIG`.
  @inlinable public static var argumentListTooLong: Errno { Errno(rawValue: 7) }
  /// The corresponding C constant is `ENOEXEC`.
  @inlinable public static var unknownFormat: Errno { Errno(rawValue: 8) }
  /// The corresponding C constant is `EBADF`.
  @inlinable public static var badFileDescriptor: Errno { Errno(rawValue: 9) }
  /// The corresponding C constant is `ECHILD`.
  @inlinable public static var noChildProcess: Errno { Errno(rawValue: 10) }
  /// The corresponding C constant is `ENOMEM`.
  @inlinable public static var noMemory: Errno { Errno(rawValue: 12) }
  /// The corresponding C constant is `EACCES`.
  @inlinable public static var permissionDenied: Errno { Errno(rawValue: 13) }
  /// The corresponding C constant is `EFAULT`.
  @inlinable public static var badAddress: Errno { Errno(rawValue: 14) }
  /// The corresponding C constant is `EBUSY`.
  @inlinable public static var resourceBusy: Errno { Errno(rawValue: 16) }
  /// The corresponding C constant is `EEXIST`.
  @inlinable public static var fileExists: Errno { Errno(rawValue: 17) }
  /// The corresponding C constant is `ENODEV`.
  @inlinable public static var noSuchDevice: Errno { Errno(rawValue: 19) }
  /// The corresponding C constant is `ENOTDIR`.
  @inlinable public static var notDirectory: Errno { Errno(rawValue: 20) }
  /// The corresponding C constant is `EISDIR`.
  @inlinable public static var isDirectory: Errno { Errno(rawValue: 21) }
  /// The corresponding C constant is `EINVAL`.
  @inlinable public static var invalidArgument: Errno { Errno(rawValue: 22) }
  /// The corresponding C constant is `ENFILE`.
  @inlinable public static var tooManyOpenFilesInSystem: Errno { Errno(rawValue: 23) }
  /// The corresponding C constant is `EMFILE`.
  @inlinable public static var tooManyOpenFiles: Errno { Errno(rawValue: 24) }
  /// The corresponding C constant is `EFBIG`.
  @inlinable public static var fileTooLarge: Errno { Errno(rawValue: 27) }
  /// The corresponding C constant is `ENOSPC`.
  @inlinable public static var noSpace: Errno { Errno(rawValue: 28) }
  /// The corresponding C constant is `ENOSYS`.
  @inlinable public static var noFunction: Errno { Errno(rawValue: 38) }
  /// The corresponding C constant is `ELOOP`.
  @inlinable public static var tooManySymbolicLinkLevels: Errno { Errno(rawValue: 40) }
  /// The corresponding C constant is `EOPNOTSUPP`.
  @inlinable public static var notSupported: Errno { Errno(rawValue: 95) }
  /// The corresponding C constant is `EADDRINUSE`.
  @inlinable public static var addressInUse: Errno { Errno(rawValue: 98) }
  /// The corresponding C constant is `ETIMEDOUT`.
  @inlinable public static var timedOut: Errno { Errno(rawValue: 110) }
  /// The corresponding C constant is `ECONNREFUSED`.
  @inlinable public static var connectionRefused: Errno { Errno(rawValue: 111) }
  /// The corresponding C constant is `ESTALE`.
  @inlinable public static var staleFileHandle: Errno { Errno(rawValue: 116) }
}

extension Errno: CustomStringConvertible {
  /// libc's text for the number. The corresponding C function is `strerror`.
  public var description: String { unsafe String(cString: linux_error_text(rawValue)) }

  /// What to do if the error means that too many descriptors are open; nil for all other errors.
  package var exceededLimit: String? {
    switch self {
    case .tooManyOpenFiles: "raise this process's limit (ulimit -n)"
    case .tooManyOpenFilesInSystem: "raise the machine's limit (/proc/sys/fs/file-max)"
    default: nil
    }
  }
}
