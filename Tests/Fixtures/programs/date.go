// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"
)

// Prints the date by Go's runtime, which calls the vDSO without a C library.
func main() {
	fmt.Println(time.Now().UTC().Format(time.RFC3339))
}
