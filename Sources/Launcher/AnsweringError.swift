/// The program would run where nobody can answer its system calls.
struct AnsweringError: Error, CustomStringConvertible {
  var description: String {
    "--strict, --deterministic and steps take somebody who answers system calls, which engine load has not: programs must be traceable, for engine exec"
  }
}
