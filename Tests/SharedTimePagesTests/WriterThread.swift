import Foundation
import Synchronization

/// A thread that writes 1, 2, 3, … as fast as it can until it is stopped.
final class WriterThread: Sendable {
  private let isDone = Atomic(false)
  private let hasEnded = Atomic(false)

  init(_ write: @escaping @Sendable (Int64) -> Void) {
    Thread { [self] in
      var number: Int64 = 0
      while !isDone.load(ordering: .relaxed) {
        number += 1
        write(number)
      }
      hasEnded.store(true, ordering: .releasing)
    }.start()
  }

  func stop() {
    isDone.store(true, ordering: .relaxed)
    while !hasEnded.load(ordering: .acquiring) { usleep(1000) }
  }
}
