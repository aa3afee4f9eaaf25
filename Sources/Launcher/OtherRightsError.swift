import ELF

/// The first program runs with other rights than who starts it: its page is left alone, whatever was asked for.
struct OtherRightsError: Error, CustomStringConvertible {
  var program: String
  /// What can't be had then, as people give it.
  var option: String?

  var description: String {
    "\(option.map { "\($0): " } ?? "")\(rights): it can't be given a page; start demo-loader by it instead\(example)"
  }

  /// What the user reads where the program starts all the same.
  func warning(hasOtherTime: Bool) -> String {
    hasOtherTime
      ? "\(rights): it and what it executes see the host's time; start demo-loader by it instead\(example)"
      : "\(rights): left on the kernel's page"
  }

  private var rights: String { "\(program.escapingControls): runs with the rights of another user or group" }
  private var example: String { ", as in \"sudo demo-loader PROG\"" }
}
