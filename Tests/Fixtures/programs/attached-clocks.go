// SPDX-License-Identifier: Apache-2.0

// Answers each line of input by the seconds of time.Now, and how often the monotonic clock went back in a goroutine that reads it without a pause.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

var stepsBack atomic.Int64

func watch() {
	last := time.Now()
	for {
		now := time.Now()
		if now.Sub(last) < 0 {
			stepsBack.Add(1)
		}
		last = now
	}
}

func main() {
	go watch()
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		fmt.Println(time.Now().Unix(), stepsBack.Load())
	}
}
