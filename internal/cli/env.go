// Package cli is ksim's command line: the only package that touches the
// operating system. Everything it needs from there comes in an Env, so that
// tests run it in process.
package cli

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/gdamore/tcell/v2"
	"golang.org/x/term"
)

// The exit codes of the contract.
const (
	ExitHolds  = 0 // everything holds
	ExitFailed = 1 // an expectation failed
	ExitWrong  = 2 // the file or the usage is wrong
)

// Env is the world outside: arguments, streams, files, environment, terminal.
type Env struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	ReadFile func(name string) ([]byte, error)
	WalkDir  func(root string, visit fs.WalkDirFunc) error
	Create   func(name string) (Output, error)
	Getenv   func(key string) string
	// Watch begins to watch for changes of files.
	Watch func() (Watcher, error)

	// StdoutTerminal and StderrTerminal tell whether a person watches.
	StdoutTerminal, StderrTerminal bool
	// Width is the terminal's width in columns; 0 when stdout is none.
	Width int
	// Screen is the terminal for a screen that takes all of it.
	Screen func() (tcell.Screen, error)
	// Suspend is what ctrl-z does; nil where there is no such thing.
	Suspend func()
	// Seconds is the wall clock, for progress only: it decides nothing.
	Seconds func() float64
	// Look gives from time to time how much memory is taken; nil where nobody asks.
	Look func() (memory <-chan uint64, stop func())
}

// OS is the Env of this process.
func OS() *Env {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // runs are short and small: collecting less often is a quarter faster
	}
	width := 0
	out, errs := int(os.Stdout.Fd()), int(os.Stderr.Fd())
	if term.IsTerminal(out) {
		width, _, _ = term.GetSize(out)
	}
	return &Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		ReadFile:       readFile,
		WalkDir:        filepath.WalkDir,
		Create:         createFile,
		Watch:          watchFiles,
		Getenv:         os.Getenv,
		StdoutTerminal: term.IsTerminal(out), StderrTerminal: term.IsTerminal(errs),
		Width:   width,
		Screen:  tcell.NewScreen,
		Suspend: suspend,
		Seconds: wallClock(),
		Look:    looks,
	}
}

// Exit ends the process.
func Exit(code int) { os.Exit(code) }
