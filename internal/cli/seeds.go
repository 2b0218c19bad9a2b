package cli

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/seeds"
	"ksim/internal/suite"
	"ksim/sim/diag"
	"ksim/sim/expect"
)

// newSeeds is `ksim seeds`.
func newSeeds(e *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "seeds",
		Short: "measure what the seeds of ksim claim",
		Long: `seeds runs the scenarios that show what the documents claim from which ksim was
made, and prints, as Markdown, each claim beside what ksim measures. The exit
code is 1 when a claim's scenario no longer shows it.`,
		Example: "  ksim seeds\n  ksim seeds > docs/seeds.md",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return e.seeds(e.Stdout) },
	}
}

// seeds writes the table of claims, a document after the other.
func (e *Env) seeds(out io.Writer) error {
	all, err := seeds.Load()
	if err != nil {
		return err
	}
	m := measurer{env: e, measured: map[string][]string{}}
	if err := m.measure(all); err != nil {
		return err
	}
	var b strings.Builder
	for _, d := range all {
		fmt.Fprintf(&b, "## %s\n\n| | the seed says | today | ksim measures | why |\n|---|---|---|---|---|\n", d.Title)
		for i := range d.Claims {
			c := &d.Claims[i]
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", c.ID, cell(c.Seed), c.Verdict, m.figures(c), cell(c.Because))
		}
		b.WriteByte('\n')
	}
	if _, err := io.WriteString(out, strings.TrimSuffix(b.String(), "\n")); err != nil {
		return err
	}
	if m.failed > 0 {
		return exitError{ExitFailed}
	}
	return nil
}

// cell is a text as a cell of a Markdown table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// measurer runs each scenario once for all the claims that it shows.
type measurer struct {
	env      *Env
	measured map[string][]string // by scenario with its changes, in the order of the shows
	failed   int
}

// key is the scenario of a show with what is changed of it.
func key(s *seeds.Show) string {
	return strings.Join(append([]string{s.Scenario}, s.Set...), " --set ")
}

// measure runs every scenario with its shows for expectations, side by side.
func (m *measurer) measure(all []seeds.Document) error {
	shows := map[string][]seeds.Show{}
	var order []string
	for _, d := range all {
		for _, c := range d.Claims {
			for _, s := range c.Shows {
				k := key(&s)
				if shows[k] == nil {
					order = append(order, k)
				}
				shows[k] = append(shows[k], s)
			}
		}
	}
	var wrong error
	meter := m.env.meter("scenarios", len(order))
	suite.Each(len(order), runtime.GOMAXPROCS(0), func(i int) shown {
		return m.env.judgeShows(shows[order[i]])
	}, func(i int, x shown) bool {
		if x.err != nil {
			wrong = fmt.Errorf("%s: %w", order[i], x.err)
			return false
		}
		m.measured[order[i]] = x.measured
		m.failed += x.failed
		meter.one()
		return true
	})
	meter.end()
	return wrong
}

// shown is what one scenario showed.
type shown struct {
	measured []string
	failed   int
	err      error
}

// add is what a show measured; one that fails is counted.
func (x *shown) add(v *expect.Verdict, run expect.Run) {
	text := v.Measured(run)
	if !v.OK {
		x.failed++
		text = "**FAILS** " + v.Expectation.Source + ": " + v.Got
	}
	x.measured = append(x.measured, text)
}

// judgeShows runs one scenario and judges what it is to show.
func (e *Env) judgeShows(shows []seeds.Show) (x shown) {
	first := shows[0]
	src, err := e.files().Read("@" + first.Scenario)
	if err != nil {
		return shown{err: err}
	}
	entries := make([]string, len(shows))
	for i := range shows {
		entries[i] = shows[i].Expect
	}
	set := append(slices.Clone(first.Set), "expect=["+strings.Join(entries, ", ")+"]")
	s, found := src.Load(set)
	if s == nil {
		verdicts, err := judgeRefusals(&src, set, found)
		for i := range verdicts {
			x.add(&verdicts[i], expect.Run{})
		}
		x.err = err
		return x
	}
	judged := suite.Simulate(s, suite.Watch{})
	for i := range judged.Verdicts {
		x.add(&judged.Verdicts[i], judged.Run)
	}
	return x
}

// judgeRefusals judges the shows of a scenario that is refused: each must give
// the words of one of the errors.
func judgeRefusals(src *suite.Source, set []string, found diag.List) ([]expect.Verdict, error) {
	var verdicts []expect.Verdict
	refusals := src.Refusals(set)
	for i := range refusals {
		by, ok := suite.RefusedBy(&refusals[i], found)
		verdicts = append(verdicts, expect.Verdict{Expectation: &refusals[i], OK: ok, Got: by.Message})
	}
	if len(verdicts) == 0 {
		return nil, fmt.Errorf("refused: %s", found[0].Message)
	}
	return verdicts, nil
}

// figures is what ksim measures for a claim, each with its scenario.
func (m *measurer) figures(c *seeds.Claim) string {
	var cells []string
	previous := ""
	for i := range c.Shows {
		k := key(&c.Shows[i])
		text := m.measured[k][0]
		m.measured[k] = m.measured[k][1:]
		if k != previous {
			text = "`@" + k + "`: " + text
		}
		previous = k
		cells = append(cells, text)
	}
	return cell(strings.Join(cells, "; "))
}
