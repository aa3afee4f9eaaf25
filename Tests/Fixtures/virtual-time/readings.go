// SPDX-License-Identifier: Apache-2.0

// Prints the date twice, in seconds since 1970, with 200 ms of sleep in between. With an argument, it sleeps for as many seconds and prints
// how long that took by its own clock.
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
