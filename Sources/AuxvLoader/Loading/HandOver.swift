/// What is left to do when a program is in memory and its loader has to vanish: system calls, a stack, an entry.
///
/// A plain value, made before anything of it is done: it can be printed, compared and tested.
struct HandOver: Sendable {
  /// A system call. Addresses in it are those of memory that is still there when its turn comes.
  struct Call: Hashable, Sendable {
    var name: StaticName
    var number: Int
    var arguments: [UInt64]
    /// Whether the process ends where the call fails; else a failure is as good as success.
    var isFatal = false
  }

  /// The name of a call, for people.
  enum StaticName: String, Hashable, Sendable {
    case rseq, setRobustList, setTIDAddress, sigaltstack, sigaction, timerDelete, munlockall, prctl
    case munmap, madvise, mprotect, close, archPrctl
  }

  var calls: [Call]
  var stack: InitialStack
  /// The program's, or its interpreter's, first instruction.
  var entry: UInt64
  /// Where memory that stays holds a system call and `ret`, or nil: then the page of the last code stays mapped.
  var gadget: UInt64?
  /// Of the program: with four the processor is switched to 32-bit code.
  var wordSize: InitialStack.WordSize
}
