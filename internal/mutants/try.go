package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// limit is how long the library may take with a mutant: some seconds are usual.
const limit = 3 * time.Minute

// verdict is what a run of the library has found.
type verdict struct {
	scenarios []string // the files that have run
	noticed   []string // names of those that do not hold
	broken    string   // the run has not come to an end: how
}

func (v *verdict) notices() bool { return len(v.noticed) > 0 || v.broken != "" }

// try builds ksim with a mutant, or as it is with nil, and tests the library with it:
// first the scenarios named, with which it is content if one of them notices.
func try(root string, m *mutant, first []string) (verdict, error) {
	dir, err := os.MkdirTemp("", "ksim-mutant-")
	if err != nil {
		return verdict{}, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "ksim")
	if err := build(root, dir, program, m); err != nil {
		return verdict{}, err
	}
	if len(first) > 0 {
		v, err := test(root, program, first)
		if err != nil || v.notices() {
			return v, err
		}
	}
	return test(root, program, []string{"scenarios"})
}

// build makes the program. The mutant's file lies over the real one (go help build,
// -overlay), so that no copy of the repository is needed.
func build(root, dir, program string, m *mutant) error {
	args := []string{"build", "-p", "1", "-ldflags", "-s -w", "-o", program}
	if m != nil {
		overlay, err := lay(root, dir, m)
		if err != nil {
			return err
		}
		args = append(args, "-overlay", overlay)
	}
	c := exec.Command("go", append(args, "./cmd/ksim")...)
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// lay writes the mutant's file and the overlay that names it.
func lay(root, dir string, m *mutant) (overlay string, err error) {
	text, err := m.apply(root)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, path.Base(m.File))
	overlay = filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, m.File): file}})
	if err != nil {
		return "", err
	}
	return overlay, errors.Join(os.WriteFile(file, []byte(text), 0o644), os.WriteFile(overlay, replace, 0o644))
}

// test runs scenarios, one at a time: there are other mutants beside.
func test(root, program string, scenarios []string) (verdict, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	c := exec.CommandContext(ctx, program, append([]string{"test", "--format", "json", "--jobs", "1"}, scenarios...)...)
	c.Dir = root
	var out, complaint bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaint
	err := c.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return verdict{broken: fmt.Sprintf("ksim is not through after %s", limit)}, nil
	case err != nil && !errors.As(err, &exit):
		return verdict{}, err
	}
	v, ok := read(out.Bytes())
	if !ok {
		first, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n")
		v.broken = "ksim ends: " + first
	}
	return v, nil
}

// read reads what `ksim test --format json` prints; false when that is not whole.
func read(out []byte) (verdict, bool) {
	var document struct {
		Scenarios []struct{ File, Outcome string }
	}
	if err := json.Unmarshal(out, &document); err != nil {
		return verdict{}, false
	}
	var v verdict
	for _, s := range document.Scenarios {
		v.scenarios = append(v.scenarios, s.File)
		if s.Outcome == "failed" || s.Outcome == "wrong" {
			v.noticed = append(v.noticed, nameOf(s.File))
		}
	}
	return v, true
}

// nameOf is the name of a scenario file without its folder.
func nameOf(file string) string { return strings.TrimSuffix(path.Base(file), ".yaml") }
