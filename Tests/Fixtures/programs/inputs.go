// SPDX-License-Identifier: Apache-2.0

// Prints a Go program's environment that may differ between runs: random bytes and clocks.
package main

import (
	"crypto/rand"
	"fmt"
	"time"
)

func main() {
	bytes := make([]byte, 16)
	rand.Read(bytes)
	fmt.Printf("%x %d\n", bytes, time.Now().UnixNano())
}
