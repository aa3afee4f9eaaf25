import CLinux

extension TimePage {
  /// Makes the calling thread the keeper: when it ends, however it ends, readers stop using published clocks.
  ///
  /// Takes over the thread's list of robust mutexes.
  public func keep() {
    setKeeper(UInt32(linux_thread_id()))
    unsafe _ = linux_own_robust_word(keeperWord)
  }
}
