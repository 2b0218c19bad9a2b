//go:build unix

package cli

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// suspend stops this process, and those that were started with it, until the shell
// calls them to the front again. It waits for that: the signal that stops them may
// arrive a little later, when the terminal must not have been taken back yet. Without
// a shell that could call it back nothing stops it.
var suspend = func() {
	back := make(chan os.Signal, 1)
	signal.Notify(back, syscall.SIGCONT)
	defer signal.Stop(back)
	if syscall.Kill(0, syscall.SIGTSTP) != nil {
		return
	}
	select {
	case <-back:
	case <-time.After(300 * time.Millisecond):
	}
}
