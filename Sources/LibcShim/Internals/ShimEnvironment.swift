// SPDX-License-Identifier: Apache-2.0

// The parts of the shim that read the process's environment, write to standard error, and fill its table.
//
// Assumes: libc keeps the environment's strings null-terminated; constant strings live as long as the library.

internal import CVDSOShim

extension ShimOptions {
  /// The options in the variable VDSOSHIM, words with commas between them; none in a program that runs with more rights than its user.
  static func ofEnvironment() -> ShimOptions {
    var options = ShimOptions()
    guard getauxval(UInt(AT_SECURE)) == 0, let text = unsafe getenv("VDSOSHIM") else { return options }
    options.off = unsafe contains(text, "off")
    options.trap = unsafe contains(text, "trap")
    options.verbose = unsafe contains(text, "verbose")
    return options
  }

  /// Whether `word` is one of the words of `text`.
  private static func contains(_ text: UnsafePointer<CChar>, _ word: StaticString) -> Bool {
    let comma: UInt8 = 0x2c
    var start = unsafe text
    while true {
      let length = unsafe strcspn(start, ",")
      if length == word.utf8CodeUnitCount, unsafe memcmp(start, word.utf8Start, length) == 0 { return true }
      guard unsafe UInt8(bitPattern: start[length]) == comma else { return false }
      unsafe start += length + 1
    }
  }
}

extension ShimFunction {
  /// Makes later calls of the function take this route.
  func set(_ route: Route) {
    switch route {
    case .vdso(let address):
      unsafe shim_set_reason(index, Self.characters("vdso"))
      unsafe shim_set_target(index, UnsafeRawPointer(bitPattern: UInt(address)))
    case .trap(let reason):
      unsafe shim_set_reason(index, Self.characters(reason))
      shim_set_target(index, nil)
    }
  }

  /// Writes a line about the function to standard error.
  func report() {
    Self.put("vdsoshim: ")
    Self.put(name)
    Self.put(": ")
    if let reason = unsafe shim_reason(index) {
      _ = unsafe CVDSOShim.write(2, reason, strlen(reason))
    }
    Self.put("\n")
  }

  /// Whether this is the function's name.
  func isNamed(_ text: UnsafePointer<CChar>) -> Bool {
    unsafe strcmp(text, Self.characters(name)) == 0
  }

  static func characters(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  private static func put(_ text: StaticString) {
    _ = unsafe CVDSOShim.write(2, text.utf8Start, text.utf8CodeUnitCount)
  }
}
