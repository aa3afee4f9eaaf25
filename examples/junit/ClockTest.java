// SPDX-License-Identifier: Apache-2.0

// Controls the clock of a program under test by the command demo-loader time. Run it by: javac -cp junit4.jar ClockTest.java, then
// java -cp junit4.jar:hamcrest-core.jar:. org.junit.runner.JUnitCore ClockTest

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Test;

public class ClockTest {
  // A program that prints its date, in seconds, for each line that it reads.
  private static final String PROGRAM = "while read -r; do printf '%(%s)T\\n' -1; done";
  private static final String LOADER = System.getenv().getOrDefault("DEMO_LOADER", "demo-loader");
  private Path control;
  private Process program;
  private BufferedReader output;

  private long seconds() throws IOException {
    program.outputWriter().write("\n");
    program.outputWriter().flush();
    return Long.parseLong(output.readLine());
  }

  private void set(String specification) throws Exception {
    Process command = new ProcessBuilder(LOADER, "time", control.toString(), specification).inheritIO().start();
    assertEquals(0, command.waitFor());
  }

  @Test
  public void clock() throws Exception {
    control = Files.createTempDirectory("clock").resolve("control");
    program = new ProcessBuilder(LOADER, "--control", control.toString(), "bash", "-c", PROGRAM).start();
    output = program.inputReader();
    long host = seconds();
    set("@2038-01-19T03:14:00Z"); // jump
    assertTrue(seconds() >= 2147483640L);
    set("=2000-02-29T12:00:00Z"); // freeze
    assertEquals(951825600L, seconds());
    set("x1000000"); // a rate
    assertTrue(seconds() >= 951825600L);
    set("+0"); // back
    assertTrue(seconds() >= host);
    program.outputWriter().close();
    program.waitFor();
    while (Files.exists(control)) {
      Thread.sleep(10);
    }
    Files.deleteIfExists(control.getParent());
  }
}
