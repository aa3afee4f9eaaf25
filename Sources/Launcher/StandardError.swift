import Glibc
public import Logging

/// Writes lines to standard error, whole: one system call each.
public enum StandardError {
  public static func print(_ line: String) {
    var bytes = Array(line.utf8) + [0x0a]
    var rest = bytes.count
    while rest > 0 {
      let written = unsafe bytes.withUnsafeMutableBytes { unsafe write(2, $0.baseAddress! + ($0.count - rest), rest) }
      if written < 0 && errno != EINTR { return }
      rest -= max(written, 0)
    }
  }

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
