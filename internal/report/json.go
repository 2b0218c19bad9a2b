package report

import (
	"encoding/json"
	"io"

	"ksim/internal/suite"
	"ksim/sim/expect"
	"ksim/sim/trace"
)

// JSON writes one document when all is known.
type JSON struct {
	Out      io.Writer
	Version  string
	document document
}

type document struct {
	Ksim      int            `json:"ksim"` // the format's version, as in a trace
	Version   string         `json:"version"`
	Totals    totals         `json:"totals"`
	Scenarios []scenarioJSON `json:"scenarios"`
}

type totals struct {
	Scenarios        int     `json:"scenarios"`
	Held             int     `json:"held"`
	Failed           int     `json:"failed"`
	Wrong            int     `json:"wrong"`
	NothingExpected  int     `json:"nothing-expected"`
	NotRun           int     `json:"not-run"`
	Expectations     int     `json:"expectations"`
	ExpectationsHeld int     `json:"expectations-held"`
	Seconds          float64 `json:"seconds"`
}

type scenarioJSON struct {
	File         string      `json:"file"`
	Name         string      `json:"name,omitempty"`
	Title        string      `json:"title,omitempty"`
	Seed         uint64      `json:"seed,omitempty"`
	Outcome      string      `json:"outcome"` // held, failed, wrong, nothing-expected
	Seconds      float64     `json:"seconds"`
	Findings     []string    `json:"findings,omitempty"`
	Updated      string      `json:"updated,omitempty"`
	Expectations []checkJSON `json:"expectations"`
}

type checkJSON struct {
	Expectation string            `json:"expectation"`
	Line        int               `json:"line,omitempty"`
	OK          bool              `json:"ok"`
	Want        string            `json:"want,omitempty"`
	Got         string            `json:"got,omitempty"`
	Near        json.RawMessage   `json:"near,omitempty"`   // the event as in the trace
	Causes      []json.RawMessage `json:"causes,omitempty"` // back from it
	Open        string            `json:"open,omitempty"`
	Why         string            `json:"why,omitempty"`
}

// Result takes in one scenario.
func (j *JSON) Result(r *suite.Result) {
	s := scenarioJSON{
		File: r.Name, Name: r.Scenario, Title: r.Title, Seed: r.Seed, Outcome: r.Outcome.String(),
		Seconds: r.Seconds, Findings: errorsOf(r), Updated: r.Updated, Expectations: []checkJSON{},
	}
	for i := range r.Checks {
		s.Expectations = append(s.Expectations, checkOf(&r.Checks[i]))
	}
	j.document.Scenarios = append(j.document.Scenarios, s)
}

func checkOf(c *expect.Report) checkJSON {
	x := checkJSON{Expectation: c.Source, Line: c.Line, OK: c.OK, Want: c.Want, Got: c.Got}
	if c.OK {
		return x
	}
	x.Open, x.Why = c.Open, c.Why
	for i := range c.Chain {
		event := json.RawMessage(trace.AppendJSON(nil, &c.Chain[i]))
		if i == 0 {
			x.Near = event
		} else {
			x.Causes = append(x.Causes, event)
		}
	}
	return x
}

// End writes the document.
func (j *JSON) End(all *Totals) error {
	j.document.Ksim, j.document.Version = 1, j.Version
	j.document.Totals = totals{
		Scenarios: all.Scenarios(), Held: all.Held, Failed: all.Failed, Wrong: all.Wrong, NothingExpected: all.Nothing,
		NotRun: all.NotRun, Expectations: all.Checks, ExpectationsHeld: all.ChecksHeld, Seconds: all.Seconds,
	}
	if j.document.Scenarios == nil {
		j.document.Scenarios = []scenarioJSON{}
	}
	e := json.NewEncoder(j.Out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(&j.document)
}
