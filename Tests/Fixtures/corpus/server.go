// SPDX-License-Identifier: Apache-2.0

// An HTTP server on the loopback interface and a client of it: "server FILE" writes its address to FILE and ends when it is asked for
// /end, or after twenty seconds; "client FILE" makes four hundred requests, eight at a time.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

func serve(file string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println("cannot listen")
		os.Exit(1)
	}
	server := &http.Server{}
	ended := make(chan bool, 1)
	var count atomic.Int64
	http.HandleFunc("/time", func(writer http.ResponseWriter, request *http.Request) {
		count.Add(1)
		fmt.Fprintf(writer, "%d", time.Now().UnixNano())
	})
	http.HandleFunc("/end", func(writer http.ResponseWriter, request *http.Request) { ended <- true })
	go func() {
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
		}
		server.Shutdown(context.Background())
	}()
	os.WriteFile(file+".part", []byte(listener.Addr().String()), 0644)
	os.Rename(file+".part", file)
	server.Serve(listener)
	fmt.Println("served", count.Load())
}

func ask(client *http.Client, address, path string) string {
	response, err := client.Get("http://" + address + path)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return string(text)
}

func request(file string) {
	var address []byte
	for i := 0; i < 1000 && len(address) == 0; i++ {
		time.Sleep(10 * time.Millisecond)
		address, _ = os.ReadFile(file)
	}
	client := &http.Client{Timeout: 5 * time.Second}
	var good atomic.Int64
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for n := 0; n < 50; n++ {
				var told int64
				before := time.Now().UnixNano()
				fmt.Sscan(ask(client, string(address), "/time"), &told)
				// The server may be on another page, whose clock differs a little.
				if told > before-50_000_000 && told < time.Now().UnixNano()+50_000_000 {
					good.Add(1)
				}
			}
		}()
	}
	group.Wait()
	ask(client, string(address), "/end")
	fmt.Println("right answers", good.Load())
}

func main() {
	if os.Args[1] == "server" {
		serve(os.Args[2])
	} else {
		request(os.Args[2])
	}
}
