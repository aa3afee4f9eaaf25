// Processes: calls that Swift's Glibc module does not carry, or declares unavailable.

#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

/// Makes a copy of this process, which must have one thread: the child's id in the parent, 0 in the child, -1 and
/// `errno` on failure.
///
/// The corresponding C function is `fork`.
int linux_fork(void);

/// A descriptor that becomes readable when process `pid` ends, closed on exec, or -1 and `errno`. Since Linux 5.3.
///
/// The corresponding C function is `pidfd_open`.
int linux_process_descriptor(int pid);

/// Names the 32-bit word at `word`, which holds the calling thread's id, as a robust futex that it owns: when the thread
/// ends, however it ends, the kernel sets FUTEX_OWNER_DIED in it. One word per process; 0, or -1 and `errno`.
///
/// Takes over the thread's robust list: a program that uses robust mutexes must not call it.
/// The corresponding C function is `set_robust_list`.
int linux_own_robust_word(void *word);

/// Names this thread, at most 15 bytes of `name`. The corresponding C function is `prctl` with `PR_SET_NAME`.
void linux_set_name(const char *name);

/// The id of this thread. The corresponding C function is `gettid`.
int linux_thread_id(void);

/// Closes every descriptor from `first` on but `kept`, or those that it can where the kernel has no close_range.
void linux_close_descriptors(int first, int kept);

#endif
