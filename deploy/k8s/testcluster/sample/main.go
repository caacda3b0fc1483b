// Command sample is the smallest service that a rollout can be tried with: it says who it is, is
// ready after a second, and on SIGTERM ends the requests that it has.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	host, _ := os.Hostname()
	ready := time.Now().Add(time.Second)
	http.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(answer, os.Getenv("VERSION"), host, os.Getuid())
	})
	http.HandleFunc("/readyz", func(answer http.ResponseWriter, _ *http.Request) {
		if time.Now().Before(ready) {
			answer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	server := &http.Server{Addr: ":8080"}
	told, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ended := make(chan error)
	go func() { <-told.Done(); ended <- server.Shutdown(context.Background()) }()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
}
