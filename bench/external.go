package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// errMissing says that a contender's tools are not on this machine.
var errMissing = errors.New("missing")

// external is W1 by another program, which is given N and the number of
// heartbeats, and prints nanoseconds of CPU time per event and its tally.
func external(contender string, n, beats int, command func() (*exec.Cmd, error)) figure {
	return figure{
		name: fmt.Sprintf("%s W1 N=%d", contender, n),
		work: fmt.Sprintf("W1 %d %d", n, beats),
		run: func() (result, error) {
			cmd, err := command()
			if err != nil {
				return result{}, err
			}
			cmd.Args = append(cmd.Args, strconv.Itoa(n), strconv.Itoa(beats))
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				return result{}, fmt.Errorf("%s: %w", contender, err)
			}
			var r result
			_, err = fmt.Sscan(string(out), &r.nanoseconds, &r.tally.Fired, &r.tally.Sum, &r.tally.Order)
			return r, err
		},
	}
}

// simpy runs py/simpy_w.py with python3, if SimPy is installed.
func simpy() (*exec.Cmd, error) {
	if exec.Command("python3", "-c", "import simpy").Run() != nil {
		return nil, errMissing
	}
	return exec.Command("python3", "py/simpy_w.py"), nil
}

// limit builds cpp/limit.cpp into a directory, if there is a g++.
func limit(dir string) func() (*exec.Cmd, error) {
	binary := filepath.Join(dir, "limit")
	return func() (*exec.Cmd, error) {
		if _, err := os.Stat(binary); err == nil {
			return exec.Command(binary), nil
		}
		if _, err := exec.LookPath("g++"); err != nil {
			return nil, errMissing
		}
		build := exec.Command("g++", "-O3", "-march=native", "-std=c++20", "-o", binary, "cpp/limit.cpp")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return nil, err
		}
		return exec.Command(binary), nil
	}
}

// bubble runs synctest_test.go, as a bubble needs a test.
func bubble(dir string) func() (*exec.Cmd, error) {
	binary := filepath.Join(dir, "synctest.test")
	return func() (*exec.Cmd, error) {
		if _, err := os.Stat(binary); err != nil {
			build := exec.Command("go", "test", "-c", "-o", binary, ".")
			build.Stderr = os.Stderr
			if err := build.Run(); err != nil {
				return nil, err
			}
		}
		return exec.Command(binary, "-test.run=^TestHeartbeatInBubble$"), nil
	}
}
