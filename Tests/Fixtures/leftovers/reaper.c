// SPDX-License-Identifier: Apache-2.0

// Runs a command as the init process of its descendants, and reports the processes of its tree that are left when it has ended. They, and
// zombies that no process has waited for, become this process's children. Usage: reaper SECONDS COMMAND...; SECONDS is how long they may
// take to end. The exit status is the command's, or 1 if that is 0 and a process is left.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Reports and kills this process's present children, and returns their number. Their children become this process's next.
static int end_children(void) {
  DIR *processes = opendir("/proc");
  int found = 0;
  for (struct dirent *entry; processes && (entry = readdir(processes));) {
    char path[300], line[500] = "", name[64] = "", state = 0;
    int pid = atoi(entry->d_name), parent = 0;
    if (pid <= 0) continue;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    char *end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    if (!end || sscanf(end + 1, " %c %d", &state, &parent) != 2 || parent != getpid()) continue;
    *end = 0;
    snprintf(name, sizeof name, "%.60s", strchr(line, '(') + 1);
    char arguments[200] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    if ((file = fopen(path, "r"))) {
      size_t size = fread(arguments, 1, sizeof arguments - 1, file);
      fclose(file);
      for (size_t i = 0; i + 1 < size; i++)
        if (!arguments[i]) arguments[i] = ' ';
    }
    fprintf(stderr, "left: process %d, %s, state %c: %s\n", pid, name, state, arguments);
    kill(pid, SIGKILL);
    found++;
  }
  if (processes) closedir(processes);
  return found;
}

int main(int count, char **arguments) {
  if (count < 3 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return 2;
  pid_t command = fork();
  if (command == 0) {
    execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    _exit(127);
  }
  int status, result = 127, left = 0;
  for (pid_t ended; (ended = waitpid(-1, &status, 0)) != command;)
    if (ended < 0 && errno != EINTR) return 2;
  result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

  // Orphans are children by now, and their children will be when they end.
  time_t until = time(NULL) + atoi(arguments[1]);
  for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) >= 0;) {
    if (ended > 0) continue;
    if (time(NULL) >= until) {
      left += end_children();
      // Children that end in time don't count.
      while (waitpid(-1, &status, __WALL) < 0 && errno == EINTR) {
      }
    } else {
      usleep(20000);
    }
  }
  return result == 0 && left > 0 ? 1 : result;
}
