// SPDX-License-Identifier: Apache-2.0

// Prints the date twice, in seconds since 1970, with 200 ms of sleep in between; with an argument how long it sleeps by its own
// clock, for as many seconds.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		seconds, _ := strconv.Atoi(os.Args[1])
		start := time.Now()
		time.Sleep(time.Duration(seconds) * time.Second)
		fmt.Printf("%.3f\n", time.Since(start).Seconds())
		return
	}
	fmt.Printf("%.6f\n", float64(time.Now().UnixNano())/1e9)
	time.Sleep(200 * time.Millisecond)
	fmt.Printf("%.6f\n", float64(time.Now().UnixNano())/1e9)
}
