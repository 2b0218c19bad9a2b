//go:build unix

package cli

import "syscall"

// suspend stops this process, and those that were started with it, until the shell
// calls them to the front again.
var suspend = func() { _ = syscall.Kill(0, syscall.SIGTSTP) }
