/// A function that a vDSO may offer, by the name of the C function it stands in for.
public enum VDSOFunction: String, CaseIterable, Hashable, Sendable {
  case clockGettime = "clock_gettime"
  case gettimeofday
  case time
  case getpid
  case clockGetres = "clock_getres"
  case getcpu
  case getrandom
  case getuid
  case geteuid
  case getgid
  case getegid
  case getppid
}
