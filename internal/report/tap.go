package report

import (
	"fmt"
	"io"
	"strings"

	"ksim/internal/suite"
	"ksim/sim/expect"
)

// TAP writes the Test Anything Protocol, version 14: a test a scenario, with a
// subtest an expectation.
type TAP struct {
	Out   io.Writer
	Plan  int
	begun bool
	next  int
}

// begin writes the version and the plan.
func (t *TAP) begin() {
	if !t.begun {
		t.begun = true
		fmt.Fprintf(t.Out, "TAP version 14\n1..%d\n", t.Plan)
	}
}

// Result writes one scenario.
func (t *TAP) Result(r *suite.Result) {
	t.begin()
	t.next++
	if len(r.Checks) > 0 {
		fmt.Fprintf(t.Out, "# Subtest: %s\n    1..%d\n", tapText(r.Name), len(r.Checks))
		for i := range r.Checks {
			t.check(i+1, &r.Checks[i])
		}
	}
	switch r.Outcome {
	case suite.Held:
		fmt.Fprintf(t.Out, "ok %d - %s\n", t.next, tapText(r.Name))
	case suite.Nothing:
		fmt.Fprintf(t.Out, "ok %d - %s # SKIP it expects nothing\n", t.next, tapText(r.Name))
	case suite.Failed:
		fmt.Fprintf(t.Out, "not ok %d - %s\n", t.next, tapText(r.Name))
	case suite.Wrong:
		fmt.Fprintf(t.Out, "not ok %d - %s\n  ---\n  message: |-\n%s  ...\n", t.next, tapText(r.Name),
			indented("    ", strings.Join(errorsOf(r), "\n")+"\n"))
	}
}

func (t *TAP) check(number int, c *expect.Report) {
	if c.OK {
		fmt.Fprintf(t.Out, "    ok %d - %s\n", number, tapText(c.Source))
		return
	}
	fmt.Fprintf(t.Out, "    not ok %d - %s\n      ---\n      message: |-\n%s      ...\n", number, tapText(c.Source), indented("        ", c.Text(0)))
}

// End writes the totals as a comment; what --fail-fast left out ends the stream
// early, as TAP says it.
func (t *TAP) End(all *Totals) error {
	t.begin()
	_, err := fmt.Fprintf(t.Out, "# %s\n", all)
	if all.NotRun > 0 {
		fmt.Fprintf(t.Out, "Bail out! --fail-fast: %d not run\n", all.NotRun)
	}
	return err
}

// tapText escapes what has a meaning in a description.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`, "\n", " ", "\r", " ").Replace(s)
}
