#if hasFeature(Embedded)

  public import SimulatedKernel

  extension StandardError {
    /// A logger that prints its lines there, or nothing where `isVerbose` is false.
    public static func logger(isVerbose: Bool) -> Logger {
      isVerbose ? Logger { print($0) } : Logger(label: "vdso")
    }
  }

#else

  public import Logging

  extension StandardError {
    /// A logger that prints its messages there, or nothing where `isVerbose` is false.
    public static func logger(isVerbose: Bool) -> Logger {
      Logger(label: "vdso") { _ in
        if isVerbose { return LineHandler() as any LogHandler }
        return SwiftLogNoOpLogHandler()
      }
    }

    private struct LineHandler: LogHandler {
      var metadata: Logger.Metadata = [:]
      var logLevel = Logger.Level.debug

      subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
      }

      func log(event: LogEvent) {
        StandardError.print(event.message.description)
      }
    }
  }

#endif
