// SPDX-License-Identifier: Apache-2.0

// The writer's half of the identity page.
//
// Assumes that `page` is VDSO_PAGE_SIZE bytes of the task's own memory, writable until the task may run. The code that makes an
// `IdentityPage` guarantees that.

import CVDSO

/// An id of a task that the identity page has a word for.
public enum Identity: UInt32, CaseIterable, Sendable {
  case processID = 0
  case parentProcessID = 1
  case userID = 2
  case effectiveUserID = 3
  case groupID = 4
  case effectiveGroupID = 5
}

/// An id of a task, and its value.
public struct TaskIdentity: Hashable, Sendable {
  public var identity: Identity
  public var value: UInt32

  public init(_ identity: Identity, _ value: UInt32) {
    self.identity = identity
    self.value = value
  }
}

/// The writer of a task's identity page.
@safe
public struct IdentityPage {
  private let page: UnsafeMutableRawPointer

  /// Takes over the zeroed, writable memory at `page` and makes an identity page of it, with no id valid.
  public init(initializing page: UnsafeMutableRawPointer) {
    unsafe self.page = page
    unsafe page.storeBytes(of: UInt32(VDSO_IDENTITY_MAGIC), as: UInt32.self)
  }

  /// Writes `value` and declares it valid.
  public func set(_ identity: Identity, to value: UInt32) {
    unsafe page.storeBytes(of: value, toByteOffset: 8 + 4 * Int(identity.rawValue), as: UInt32.self)
    let valid = unsafe page.load(fromByteOffset: 4, as: UInt32.self)
    unsafe page.storeBytes(of: valid | 1 << identity.rawValue, toByteOffset: 4, as: UInt32.self)
  }
}
