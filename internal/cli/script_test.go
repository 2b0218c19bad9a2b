package cli

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ksim/internal/golden"
)

// TestMain lets the scripts run `ksim` as a command of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ksim": func() { Exit(Main(OS())) }})
}

// TestScripts runs the command line as users type it: testdata/script, one
// behaviour a file.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *golden.Update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			return nil
		},
	})
}
