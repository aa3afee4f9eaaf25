// SPDX-License-Identifier: Apache-2.0

// Controls the clock of a program under test by the command demo-loader time. Run it by: go test
package clock

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A program that prints its date, in seconds, for each line that it reads.
const program = `while read -r; do printf '%(%s)T\n' -1; done`

func TestClock(t *testing.T) {
	loader, control := os.Getenv("DEMO_LOADER"), filepath.Join(t.TempDir(), "control")
	if loader == "" {
		loader = "demo-loader"
	}
	command := exec.Command(loader, "--control", control, "bash", "-c", program)
	input, _ := command.StdinPipe()
	output, _ := command.StdoutPipe()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { input.Close(); command.Wait() }()
	lines := bufio.NewReader(output)
	seconds := func() (value int64) {
		fmt.Fprintln(input)
		fmt.Fscan(lines, &value)
		return
	}
	set := func(specification string) {
		if answer, err := exec.Command(loader, "time", control, specification).CombinedOutput(); err != nil {
			t.Fatal(strings.TrimSpace(string(answer)))
		}
	}

	host := seconds()
	set("@2038-01-19T03:14:00Z") // jump
	if date := seconds(); date < 2147483640 || date > 2147483640+3600 {
		t.Error("jump:", date)
	}
	set("=2000-02-29T12:00:00Z") // freeze
	if first, second := seconds(), seconds(); first != 951825600 || second != first {
		t.Error("freeze:", first, second)
	}
	set("x1000000") // a rate
	time.Sleep(10 * time.Millisecond)
	if date := seconds(); date < 951825600+1000 {
		t.Error("rate:", date)
	}
	set("+0") // back
	if date := seconds(); date < host || date > host+3600 {
		t.Error("back:", date)
	}
}
