// Package ksimtest checks ksim scenarios in your own Go tests: what `ksim test` does,
// with a subtest an expectation.
//
//	func TestConsumerSettings(t *testing.T) {
//		ksimtest.Run(t, "testdata/slow-upload.yaml")
//		ksimtest.Run(t, "testdata/incidents") // a folder with all below it
//	}
//
// `go test -run 'TestConsumerSettings'` runs them, and a failure says what `ksim test`
// says: what was expected, the nearest event, its causes, and the command that opens
// that moment.
//
// ksim's module path is `ksim`, which has no host, so `go get` does not find it. Have
// a clone of ksim, and name it in a workspace beside your module:
//
//	go work init . ../ksim
//
// or in your go.mod, which go mod tidy then completes:
//
//	go mod edit -require=ksim@v0.0.0 -replace=ksim=../ksim
package ksimtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ksim/internal/suite"
)

// Option changes how scenarios are checked.
type Option func(*suite.Options)

// Set changes a key of the scenario, as `ksim run --set` does:
// `groups.g.config.max.poll.interval.ms=900000`. It may be given several times.
func Set(change string) Option {
	return func(o *suite.Options) { o.Set = append(o.Set, change) }
}

// Seed runs with another seed than the file's.
func Seed(seed uint64) Option {
	return func(o *suite.Options) { o.Seed = &seed }
}

// Update writes the golden traces (FILE.golden.jsonl beside FILE.yaml) instead of
// comparing them, if yes: give it the value of your tests' own flag.
func Update(yes bool) Option {
	return func(o *suite.Options) { o.Golden.Update = yes }
}

// Run checks the expectations of scenarios: of a file, of a folder with all below
// it (files *.yaml that have the key ksim), or of one that ksim brings along
// (`@slow-upload`). A file's expectations are subtests of t; a folder's files are
// too, each with its own, and run in parallel. A file that is wrong fails, one that
// expects nothing is skipped.
func Run(t *testing.T, path string, opts ...Option) {
	t.Helper()
	files := &suite.Files{ReadFile: os.ReadFile, WalkDir: filepath.WalkDir}
	sources, err := files.Find([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	o := &suite.Options{
		Seconds: func() float64 { return time.Since(start).Seconds() },
		Golden: suite.Golden{Write: func(name string, content []byte) error {
			return os.WriteFile(name, content, 0o644)
		}},
	}
	for _, opt := range opts {
		opt(o)
	}
	if len(sources) == 1 && sources[0].Name == path {
		check(t, o.Test(sources, 0))
		return
	}
	for i := range sources {
		name := strings.TrimPrefix(filepath.ToSlash(sources[i].Name), filepath.ToSlash(filepath.Clean(path))+"/")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, o.Test(sources, i))
		})
	}
}

// check reports a result, a subtest an expectation.
func check(t *testing.T, r suite.Result) {
	t.Helper()
	if r.Outcome == suite.Wrong {
		if r.Fault != "" {
			t.Fatalf("%s: a fault in ksim itself: %s", r.Name, r.Fault)
		}
		t.Fatalf("the scenario is wrong\n%s", r.Findings.Error())
	}
	if r.Updated != "" {
		t.Logf("wrote %s", r.Updated)
	}
	for i := range r.Checks {
		c := &r.Checks[i]
		t.Run(c.Source, func(t *testing.T) {
			t.Helper()
			if !c.OK {
				t.Error("\n" + c.Text(0))
			}
		})
	}
	if r.Outcome == suite.Nothing {
		t.Run("expectations", func(t *testing.T) {
			t.Helper()
			t.Skipf("%s expects nothing", r.Name)
		})
	}
}
