// Command pause keeps the namespaces of a pod: it does nothing until it is told to end.
package main

import (
	"context"
	"os/signal"
	"syscall"
)

func main() {
	ended, _ := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	<-ended.Done()
}
