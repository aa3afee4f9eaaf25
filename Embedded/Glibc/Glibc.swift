// SPDX-License-Identifier: Apache-2.0

// The module Glibc for Embedded Swift, whose toolchain has none: the names that the package uses, as in the real module.

@_exported public import CGlibc

public var errno: Int32 {
  get { embedded_errno() }
  set { embedded_set_errno(newValue) }
}

public var environ: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>! { unsafe embedded_environ() }

public var MAP_FAILED: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(bitPattern: -1)! }

public var S_IFMT: mode_t { 0o170000 }
public var S_IFREG: mode_t { 0o100000 }
public var S_IFDIR: mode_t { 0o040000 }

public var S_ISUID: mode_t { 0o4000 }
public var S_ISGID: mode_t { 0o2000 }
public var S_IXUSR: mode_t { 0o100 }
public var S_IXGRP: mode_t { 0o010 }
public var S_IXOTH: mode_t { 0o001 }

public var SIG_DFL: (@convention(c) (Int32) -> Void)? { nil }

public func open(_ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 { unsafe embedded_open(path, flags) }

public func fcntl(_ file: Int32, _ command: Int32, _ argument: Int32) -> Int32 {
  embedded_fcntl(file, command, argument)
}
