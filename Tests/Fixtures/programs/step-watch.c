// Reads the date so many times, a while apart: "0 failures" if each reading was later than the one before it.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments) {
  long last = 0;
  int failures = 0;
  for (int left = count == 2 ? atoi(arguments[1]) : 0; left > 0; left--) {
    struct timespec time;
    failures += clock_gettime(CLOCK_REALTIME, &time) != 0 || time.tv_sec <= last;
    last = time.tv_sec;
    usleep(100);
  }
  printf("%d failures\n", failures);
  return failures != 0;
}
