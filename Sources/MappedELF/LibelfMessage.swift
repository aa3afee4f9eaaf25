// SPDX-License-Identifier: Apache-2.0

// libelf's error messages.
//
// Assumes: the text is a constant of libelf or of its translations, and stays valid as long as the program runs.

/// An error of libelf. It holds a pointer to the text, so that errors stay small and need no memory.
public struct LibelfMessage: Hashable, Sendable, CustomStringConvertible {
  /// The number. The corresponding C function is `elf_errno`.
  public let number: Int32
  private let text: UInt

  /// `text` is a constant, or nil if libelf has no text for the number. The corresponding C function is `elf_errmsg`.
  @unsafe package init(number: Int32, text: UnsafePointer<CChar>?) {
    self.number = number
    self.text = UInt(bitPattern: text)
  }

  public var description: String {
    guard let text = unsafe UnsafePointer<CChar>(bitPattern: text) else { return "error \(number)" }
    return unsafe String(cString: text)
  }
}
