/// What a process is called.
public enum ProgramName {
  /// The name of a process's program, of at most 15 bytes, as /proc/PID/comm has it; nil where it is gone.
  public static func of(_ process: Int32) -> String? {
    let line = ProcFile.contents(of: "/proc/\(process)/comm")
    guard line.count > 1, line.last == 0x0a else { return nil }
    return String(decoding: line.dropLast(), as: UTF8.self)
  }
}
