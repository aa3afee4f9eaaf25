#if hasFeature(Embedded)

  /// What swift-log's `Logger` is to this module, where swift-log can't be: a place for lines.
  public struct Logger: Sendable {
    private let write: (@Sendable (String) -> Void)?

    /// Lines go nowhere.
    public init(label: String) {
      write = nil
    }

    /// Lines go to `write`.
    public init(write: @escaping @Sendable (String) -> Void) {
      self.write = write
    }

    func debug(_ line: @autoclosure () -> String) {
      write?(line())
    }

    func warning(_ line: @autoclosure () -> String) {
      write?(line())
    }
  }

#endif
