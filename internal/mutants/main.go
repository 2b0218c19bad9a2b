// Command mutants breaks ksim, one mechanism at a time, and looks whether the
// library of scenarios notices. A mutant that survives is a hole in the library: a
// lesson that would teach the same if ksim did not do what it says.
//
//	go run ./internal/mutants                 all of them; writes docs/mutations.md
//	go run ./internal/mutants --run assignor  those whose mechanism or file matches
//	go run ./internal/mutants --quick         content with the first scenario that notices,
//	                                          looked for first where one has noticed before
//
// The exit code is 1 when a mutant survives, 2 when something is wrong with the list.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"ksim/internal/suite"
)

func main() {
	run := flag.String("run", "", "only mutants whose mechanism or file matches this `REGEX`")
	quick := flag.Bool("quick", false, "run the scenarios that "+tableFile+" names, and all others only if none of them notices")
	flag.Parse()
	survivors, err := breakAll(*run, *quick)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

// breakAll tries the mutants that are asked for, and counts the survivors. The result of
// all of them is written down.
func breakAll(run string, quick bool) (survivors int, err error) {
	only, err := regexp.Compile("(?i)" + run)
	if err != nil {
		return 0, fmt.Errorf("--run: %w", err)
	}
	root, err := moduleRoot()
	if err != nil {
		return 0, err
	}
	all, err := mutants()
	if err != nil {
		return 0, err
	}
	chosen := choose(all, only)
	fmt.Fprintf(os.Stderr, "%d of %d mutants\n", len(chosen), len(all))
	healthy, err := try(root, nil, nil)
	switch {
	case err != nil:
		return 0, err
	case healthy.notices():
		return 0, fmt.Errorf("the library fails without any mutant: %s%s", healthy.broken, strings.Join(healthy.noticed, ", "))
	}
	before := map[string][]string{}
	if quick {
		if before, err = noticedBefore(root, healthy.scenarios); err != nil {
			return 0, err
		}
	}
	verdicts, survivors, err := tryEach(root, chosen, before)
	if err != nil || quick || len(chosen) < len(all) {
		return survivors, err
	}
	return survivors, os.WriteFile(filepath.Join(root, tableFile), []byte(table(chosen, verdicts, len(healthy.scenarios))), 0o644)
}

// choose picks the mutants that are asked for.
func choose(all []mutant, only *regexp.Regexp) (chosen []mutant) {
	for i := range all {
		if only.MatchString(all[i].Mechanism) || only.MatchString(all[i].File) {
			chosen = append(chosen, all[i])
		}
	}
	return chosen
}

// tryEach tries mutants, as many at a time as there are cores.
func tryEach(root string, chosen []mutant, before map[string][]string) (verdicts []verdict, survivors int, err error) {
	type result struct {
		verdict
		err error
	}
	suite.Each(len(chosen), runtime.GOMAXPROCS(0), func(i int) (r result) {
		r.verdict, r.err = try(root, &chosen[i], before[chosen[i].Mechanism])
		return r
	}, func(i int, r result) bool {
		m := &chosen[i]
		if r.err != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", m.Mechanism, r.err))
			return true
		}
		fmt.Fprintf(os.Stderr, "%3d/%d  %s: %s\n", i+1, len(chosen), m.Mechanism, cell(m, &r.verdict))
		if !r.notices() && m.Unnoticed == "" {
			survivors++
		}
		verdicts = append(verdicts, r.verdict)
		return true
	})
	if survivors > 0 {
		fmt.Fprintf(os.Stderr, "%d of %d survive: no scenario notices\n", survivors, len(chosen))
	}
	return verdicts, survivors, err
}

// moduleRoot is the folder of go.mod.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}
