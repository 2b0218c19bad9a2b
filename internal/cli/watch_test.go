package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWatchFiles sees a scenario that an editor has put in the old one's place, and
// nothing else: the real watcher, which blocks until then.
func TestWatchFiles(t *testing.T) {
	dir := t.TempDir()
	w, err := watchFiles()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.(osWatcher).Add(dir); err != nil { // before the changes
		t.Fatal(err)
	}
	write := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("ksim: 1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("notes.txt")
	write(".a.yaml.swp")
	write("new")
	if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	changed, err := w.Next([]string{dir})
	if err != nil || len(changed) != 1 || filepath.Base(changed[0]) != "a.yaml" {
		t.Error(changed, err)
	}
}

// edits is a watcher for which each call is the next edit.
type edits []func()

func (w *edits) Next([]string) ([]string, error) {
	if len(*w) == 0 {
		return nil, errors.New("no more edits")
	}
	(*w)[0]()
	*w = (*w)[1:]
	return []string{"a.yaml"}, nil
}

func (w *edits) Close() error { return nil }

// TestWatchAgain runs again after each change, also when a file is wrong for a
// while or not there.
func TestWatchAgain(t *testing.T) {
	const good = "{ksim: 1, duration: 2s, topics: [{name: t, partitions: 1}], groups: [{id: g, client: java, topics: [t], members: [A]}], expect: [{lost: 0}]}"
	file := filepath.Join(t.TempDir(), "a.yaml")
	write := func(text string) func() {
		return func() {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(good)()
	w := &edits{write("ksim: 2\n"), func() { os.Remove(file) }, write(strings.Replace(good, "lost: 0", "lost: 1", 1)), write(good)}
	var out, errs bytes.Buffer
	code := Main(&Env{
		Args: []string{"test", filepath.Dir(file), "--watch"}, Stdout: &out, Stderr: &errs,
		ReadFile: os.ReadFile, WalkDir: filepath.WalkDir, Getenv: func(string) string { return "" },
		Seconds: func() float64 { return 0 }, Watch: func() (Watcher, error) { return w, nil },
	})
	var got []string
	for line := range strings.Lines(out.String() + errs.String()) {
		for _, word := range []string{"1 scenario: ", "no scenario", "no more edits"} {
			if i := strings.Index(line, word); i >= 0 {
				got = append(got, strings.TrimSpace(line[i:]))
			}
		}
	}
	want := `1 scenario: 1 holds; 1 of 1 expectations hold; 0.00 s
1 scenario: 1 is wrong; 0 of 0 expectations hold; 0.00 s
1 scenario: 1 fails; 0 of 1 expectations hold; 0.00 s
1 scenario: 1 holds; 1 of 1 expectations hold; 0.00 s
no scenario in it (a file *.yaml with the key ksim)
no more edits`
	if strings.Join(got, "\n") != want || code != ExitWrong {
		t.Errorf("exit code %d, output:\n%s\n%s", code, out.String(), errs.String())
	}
}
