package ksimtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ksim/internal/golden"
)

// TestMain takes -update.
func TestMain(m *testing.M) { golden.Main(m) }

// TestUsers imports the package into modules of users, who have a clone of ksim and
// run `go test` there: that it can be imported at all, and what failures look like.
func TestUsers(t *testing.T) {
	if testing.Short() {
		t.Skip("builds test binaries")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	env, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	caches := strings.Fields(string(env))
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *golden.Update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("KSIM", root)
			e.Setenv("GOCACHE", caches[0])
			e.Setenv("GOMODCACHE", caches[1])
			e.Setenv("GOPROXY", "off")
			e.Setenv("PATH", os.Getenv("PATH"))
			return nil
		},
	})
}
