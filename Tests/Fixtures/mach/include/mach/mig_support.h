// SPDX-License-Identifier: Apache-2.0

// The functions that MIG's stubs call, and that a libc declares in this header.

#ifndef MIG_SUPPORT_H
#define MIG_SUPPORT_H

#include <mach/message.h>

mach_port_t mig_get_reply_port(void);
void mig_dealloc_reply_port(mach_port_t);
void mig_put_reply_port(mach_port_t);
vm_size_t mig_strncpy(char *, const char *, vm_size_t);
mach_msg_return_t mach_msg(mach_msg_header_t *, mach_msg_option_t, mach_msg_size_t, mach_msg_size_t, mach_port_t,
                           mach_msg_timeout_t, mach_port_t);

#endif
