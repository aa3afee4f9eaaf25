/// Whether a session's helper hears of what its programs execute and of watched calls, and why it doesn't.
public enum Following: Hashable, Sendable {
  /// It hears of them, in the whole tree of processes.
  case on
  /// Nobody asked for it.
  case off
  /// The kernel gives nobody a listener here; the error number is that of seccomp(2).
  case refused(TaskError)
}
