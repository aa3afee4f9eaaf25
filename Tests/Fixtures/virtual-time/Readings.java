// SPDX-License-Identifier: Apache-2.0

// Prints the date twice, in seconds since 1970, with 200 ms of sleep in between. With an argument, it sleeps for as many seconds and prints
// how long that took by its own clock.
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
