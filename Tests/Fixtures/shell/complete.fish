# SPDX-License-Identifier: Apache-2.0
# Prints what fish completes: complete.fish SCRIPT LINE.
source $argv[1]
complete -C $argv[2] | cut -f 1 | LC_ALL=C sort -u
