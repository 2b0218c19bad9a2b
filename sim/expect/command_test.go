package expect

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestCommand: what people copy into a shell comes to ksim as it is meant.
func TestCommand(t *testing.T) {
	for _, c := range []struct {
		file, args string
		more       []string
		want       string
	}{
		{"@slow-upload", "", nil, "ksim run @slow-upload"},
		{"a/b.yaml", "--seed 7", []string{"--until", "7m30.018s"}, "ksim run a/b.yaml --seed 7 --until 7m30.018s"},
		{"größe.yaml", "", nil, "ksim run größe.yaml"},
		{"my file.yaml", "", nil, "ksim run 'my file.yaml'"},
		{"f.yaml", "", []string{"--set", `groups."a.b".config.x=1`}, `ksim run f.yaml --set 'groups."a.b".config.x=1'`},
		{"it's $1", "", nil, `ksim run 'it'\''s $1'`},
		{"-f.yaml", "", nil, "ksim run ./-f.yaml"},
		{"<stdin>", "", nil, "ksim run -"},
	} {
		if got := Command("run", c.file, c.args, c.more...); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestQuote: a shell gives back every word that is quoted.
func TestQuote(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	words := []string{"", "a", "=a", "~", "*", "a b", `"`, "'", "''", `\`, "$HOME", "`x`", "#", "!", "a;b", "{a,b}", "é", "x=[1, 2]", "a\nb"}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	out, err := exec.Command(sh, "-c", `printf '%s\0' `+strings.Join(quoted, " ")).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("%q, want %q", got, words)
	}
}
