# SPDX-License-Identifier: Apache-2.0
# Prints what bash completes: complete.bash SCRIPT LINE. The words of LINE are split as readline does it.
. /usr/share/bash-completion/bash_completion
. "$1"
COMP_LINE=$2
COMP_POINT=${#2}
read -ra COMP_WORDS <<< "${2//=/ = }"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
# There is no line editor to set options of.
compopt() { :; }
_demo_loader
printf '%s\n' "${COMPREPLY[@]}" | sed 's|/$||' | LC_ALL=C sort -u
