/// Where something goes in the address space: a region, drawn from at random unless the process has that switched off.
struct BaseAddress: Hashable, Sendable {
  var lowest: UInt64
  /// How many pages above it may be drawn.
  var randomPages: UInt64
  /// Whether no place outside will do.
  var isRequired = false

  /// Addresses to try in turn: each may be in use by this process's own code.
  func candidates(alignment: UInt64) -> [UInt64] {
    let isRandom = Personality.current.randomizesAddresses
    return (UInt64(0)..<16).map { index in
      let page = isRandom ? UInt64.random(in: 0..<randomPages) : index * (randomPages / 16)
      return (lowest + page * 4096).roundedUp(to: alignment)
    }
  }
}
