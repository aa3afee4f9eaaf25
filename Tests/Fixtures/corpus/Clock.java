// SPDX-License-Identifier: Apache-2.0

import java.time.Instant;

/** Threads that read the clock, a child process, and an exception. */
public class Clock {
  public static void main(String[] arguments) throws Exception {
    long start = System.nanoTime();
    Thread[] threads = new Thread[8];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(() -> { for (int n = 0; n < 100000; n++) System.nanoTime(); });
      threads[i].start();
    }
    for (Thread thread : threads) thread.join();
    Process child = new ProcessBuilder("/bin/echo", "child").inheritIO().start();
    System.out.println(child.waitFor() + " " + (System.nanoTime() > start) + " " + (Instant.now().getEpochSecond() > 0));
    throw new IllegalStateException("as it should be");
  }
}
