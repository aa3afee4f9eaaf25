public import ELF
public import SimulatedKernel

/// What the programs of a session get in place of the kernel's vDSO.
public struct PageSupply {
  /// What one program gets.
  public enum Image {
    /// The time page, an identity page, and these bytes, whole pages, as the code page.
    case code([UInt8])
    /// Nothing: the entry in its auxiliary vector is struck out.
    case none
  }

  /// The descriptor of the shared time page in this process.
  public var timePage: Int32
  /// What a program for the machine gets, in whose process the kernel's own functions are at those addresses; nil where it
  /// keeps the kernel's image.
  public var image: (Machine, HostEntryPoints) -> Image?
  /// How the time page is kept fresh; nil where it needs no keeper.
  public var keeping: TimeKeeping?

  public init(
    timePage: Int32, keeping: TimeKeeping? = nil, image: @escaping (Machine, HostEntryPoints) -> Image?
  ) {
    self.timePage = timePage
    self.image = image
    self.keeping = keeping
  }
}

/// The work of a keeper of time.
public struct TimeKeeping {
  /// Milliseconds from one refreshing to the next.
  public var interval: Int32
  /// Makes the calling thread the keeper: the page's readers notice its end.
  public var begin: () -> Void
  /// Publishes a new state.
  public var refresh: () -> Void

  public init(interval: Int32, begin: @escaping () -> Void, refresh: @escaping () -> Void) {
    self.interval = interval
    self.begin = begin
    self.refresh = refresh
  }
}
