// SPDX-License-Identifier: Apache-2.0

import java.util.Scanner;
import java.util.concurrent.atomic.AtomicLong;

/** Answers each line of input by the seconds of currentTimeMillis, and how often nanoTime went back in a thread that reads it without a pause. */
public class AttachedClocks {
  static final AtomicLong stepsBack = new AtomicLong();

  static void watch() {
    for (long last = System.nanoTime();;) {
      long now = System.nanoTime();
      if (now < last) stepsBack.incrementAndGet();
      last = now;
    }
  }

  public static void main(String[] arguments) {
    Thread thread = new Thread(AttachedClocks::watch);
    thread.setDaemon(true);
    thread.start();
    for (Scanner input = new Scanner(System.in); input.hasNextLine(); input.nextLine()) {
      System.out.println(System.currentTimeMillis() / 1000 + " " + stepsBack);
    }
  }
}
