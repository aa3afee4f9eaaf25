// SPDX-License-Identifier: Apache-2.0

// Prints the date twice, in seconds since 1970, with 200 ms of sleep in between; with an argument how long it sleeps by its own
// clock, for as many seconds.
class Readings {
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0) {
      long start = System.nanoTime();
      Thread.sleep(Integer.parseInt(arguments[0]) * 1000L);
      System.out.println((System.nanoTime() - start) / 1e9);
      return;
    }
    System.out.printf("%.3f%n", System.currentTimeMillis() / 1000.0);
    Thread.sleep(200);
    System.out.printf("%.3f%n", System.currentTimeMillis() / 1000.0);
  }
}
