#define _GNU_SOURCE
#include "process.h"

#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int linux_fork(void) { return fork(); }

int linux_process_descriptor(int pid) { return (int)syscall(434 /* pidfd_open */, pid, 0); }

void linux_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

int linux_thread_id(void) { return (int)syscall(SYS_gettid); }

// The list has one node, which stands here, and the kernel finds the word at the node plus futex_offset.
static struct robust_list node;
static struct robust_list_head head;

int linux_own_robust_word(void *word) {
  node.next = &head.list;
  head.list.next = &node;
  head.futex_offset = (char *)word - (char *)&node;
  head.list_op_pending = 0;
  return (int)syscall(SYS_set_robust_list, &head, sizeof head);
}

static void close_range_or_each(unsigned first, unsigned last) {
  if (first > last || syscall(436 /* close_range */, first, last, 0) == 0) return;
  unsigned limit = (unsigned)sysconf(_SC_OPEN_MAX);
  for (unsigned fd = first; fd <= last && fd < limit; fd++) close((int)fd);
}

void linux_close_descriptors(int first, int kept) {
  if (kept > first) close_range_or_each((unsigned)first, (unsigned)kept - 1);
  close_range_or_each((unsigned)(kept < first ? first : kept + 1), ~0U);
}
