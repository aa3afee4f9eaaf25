// SPDX-License-Identifier: Apache-2.0

// Runs a program as the first process of a container: with the capabilities that Docker leaves to root, and under a filter that refuses the
// system calls that Docker's default profile refuses to such a process.
// Usage: container [-u USER] PROGRAM [ARGUMENT...], as root; with -u as a user without any privileges, who can't gain any. The list is made
// from moby's profiles/seccomp/default.json: that file lists the allowed calls, this one the further calls that programs could try.

#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSTRUCTION(code, yes, no, value) \
  filter[length++] = (struct sock_filter) { code, yes, no, value }
#define LOAD(field) INSTRUCTION(BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, field))
#define REFUSE(error) INSTRUCTION(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | (error))

enum { PIDFD_GETFD = 438, PROCESS_MADVISE = 440, CLONE3 = 435, MSEAL = 462, SET_MEMPOLICY_HOME_NODE = 450 };

static const int refused[] = {SYS_acct,
                              SYS_add_key,
                              SYS_bpf,
                              SYS_clock_settime,
                              SYS_delete_module,
                              SYS_fanotify_init,
                              SYS_get_mempolicy,
                              SYS_init_module,
                              SYS_ioperm,
                              SYS_iopl,
                              SYS_kcmp,
                              SYS_kexec_load,
                              SYS_keyctl,
                              SYS_lookup_dcookie,
                              SYS_mbind,
                              SYS_mount,
                              SYS_move_pages,
                              SYS_open_by_handle_at,
                              SYS_perf_event_open,
                              PIDFD_GETFD,
                              SYS_pivot_root,
                              PROCESS_MADVISE,
                              SYS_quotactl,
                              SYS_reboot,
                              SYS_request_key,
                              SYS_set_mempolicy,
                              SET_MEMPOLICY_HOME_NODE,
                              SYS_setns,
                              SYS_settimeofday,
                              SYS_swapon,
                              SYS_swapoff,
                              SYS_syslog,
                              SYS_umount2,
                              SYS_unshare,
                              SYS_userfaultfd,
                              SYS_vhangup,
                              MSEAL};

static const int kept[] = {
    CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FSETID,  CAP_FOWNER,           CAP_MKNOD,      CAP_NET_RAW, CAP_SETGID,
    CAP_SETUID, CAP_SETFCAP,      CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_KILL,    CAP_AUDIT_WRITE};

static int install_filter(void) {
  static struct sock_filter filter[256];
  unsigned short length = 0;
  LOAD(arch);
  INSTRUCTION(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
  INSTRUCTION(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
  LOAD(nr);
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    INSTRUCTION(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)refused[i]);
    REFUSE(EPERM);
  }
  INSTRUCTION(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, CLONE3);
  REFUSE(ENOSYS);
  // Calls that make namespaces, and personalities except Linux's usual ones.
  INSTRUCTION(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_clone);
  LOAD(args[0]);
  INSTRUCTION(BPF_JMP | BPF_JSET | BPF_K, 0, 1, 0x7e020000);
  REFUSE(EPERM);
  LOAD(nr);
  INSTRUCTION(BPF_JMP | BPF_JEQ | BPF_K, 0, 7, SYS_personality);
  LOAD(args[0]);
  static const uint32_t personalities[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
  for (uint8_t i = 0; i < 5; i++) INSTRUCTION(BPF_JMP | BPF_JEQ | BPF_K, 5 - i, 0, personalities[i]);
  REFUSE(EPERM);
  INSTRUCTION(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {length, filter};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static int drop_capabilities(void) {
  uint64_t set = 0;
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) set |= 1ULL << kept[i];
  for (int i = 0; i < 64; i++)
    if (!(set >> i & 1) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0 && errno != EINVAL) return -1;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{(uint32_t)set, (uint32_t)set, 0},
                                           {(uint32_t)(set >> 32), (uint32_t)(set >> 32), 0}};
  return (int)syscall(SYS_capset, &header, data);
}

int main(int count, char **arguments) {
  uid_t user = 0;
  if (count > 2 && strcmp(arguments[1], "-u") == 0) {
    user = (uid_t)atoi(arguments[2]);
    arguments += 2;
    count -= 2;
  }
  if (count < 2) return 99;
  if (install_filter() != 0 || drop_capabilities() != 0 ||
      (user != 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || setgroups(0, NULL) != 0 ||
                     setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0))) {
    perror("container");
    return 99;
  }
  execvp(arguments[1], arguments + 1);
  perror(arguments[1]);
  return 99;
}
