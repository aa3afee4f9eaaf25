// SPDX-License-Identifier: Apache-2.0

// The claims that simulated tasks make.

#ifndef CLAIMS_H
#define CLAIMS_H

void ask_claims(void);

#endif
