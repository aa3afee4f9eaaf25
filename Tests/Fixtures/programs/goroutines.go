// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	start := time.Now()
	done := make(chan bool)
	go func() {
		time.Sleep(10 * time.Millisecond)
		done <- true
	}()
	<-done
	passed := time.Since(start)
	fmt.Println(os.Args[1:], passed >= 10*time.Millisecond && passed < 10*time.Second)
}
