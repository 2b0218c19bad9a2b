package suite

import (
	"fmt"
	"strings"

	"ksim/sim/diag"
	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Options are how scenarios are tested.
type Options struct {
	Set     []string // changes of each file, as --set takes them
	Seed    *uint64  // in place of the file's
	Version string   // ksim's own
	Golden  Golden
	Proofs  []Proof // of each source, to compare with; empty: nothing is proved
	Seconds func() float64
}

// Test runs the source of that number, and judges it.
func (o *Options) Test(sources []Source, number int) (r Result) {
	src := &sources[number]
	r.Name = src.Name
	start := o.Seconds()
	defer func() {
		if x := recover(); x != nil {
			r = Result{Name: src.Name, Outcome: Wrong, Fault: fmt.Sprint(x)}
		}
		r.Seconds = o.Seconds() - start
	}()
	s, found := src.Load(o.Set)
	r.Findings = found
	if s == nil {
		r.refused(src, o.Set)
		return r
	}
	if o.Seed != nil {
		s.Seed = *o.Seed
	}
	r.Scenario, r.Title, r.Seed, r.Duration = s.Name, s.Title, s.Seed, s.Duration
	o.run(&r, src, s, number)
	r.judge()
	return r
}

// run simulates a scenario; all that looks at its trace looks at once.
func (o *Options) run(r *Result, src *Source, s *scenario.Scenario, number int) {
	golden, err := o.Golden.open(src, s, o)
	if err != nil {
		r.Findings = append(r.Findings, diag.Diagnostic{File: src.Name, Message: err.Error()})
		r.Outcome = Wrong
		return
	}
	w := Watch{Args: o.args()}
	var proof *proving
	switch {
	case len(o.Proofs) > 0:
		proof = &proving{}
		hide := trace.Hide{Next: golden.event}
		w.Detail, w.Show = true, func(e *trace.Event) {
			proof.event(e)
			hide.Event(e)
		}
	case golden != nil:
		w.Show = golden.event
	}
	j := Simulate(s, w)
	for i := range j.Verdicts {
		r.Checks = append(r.Checks, j.Verdicts[i].Report(j.Run))
	}
	if proof != nil {
		r.Checks = append(r.Checks, proof.end().compare(o.Proofs[number], src.Name))
	}
	o.finish(r, golden)
}

// finish compares or writes the golden trace.
func (o *Options) finish(r *Result, golden *goldenTrace) {
	if golden == nil {
		return
	}
	if !golden.update {
		r.Checks = append(r.Checks, golden.compare())
		return
	}
	changed, err := golden.write()
	if err != nil {
		r.Findings = append(r.Findings, diag.Diagnostic{File: golden.file, Message: err.Error()})
	}
	if changed {
		r.Updated = golden.file
	}
}

// args is what must follow `ksim run FILE` to repeat a run.
func (o *Options) args() string { return Arguments(o.Seed, o.Set) }

// Arguments is what must follow `ksim run FILE` for a seed, unless it is nil, and for
// changes of a scenario (PATH=VALUE).
func Arguments(seed *uint64, set []string) string {
	var a []string
	if seed != nil {
		a = append(a, fmt.Sprintf("--seed %d", *seed))
	}
	for _, s := range set {
		a = append(a, "--set "+expect.Quote(s))
	}
	return strings.Join(a, " ")
}

// refused judges a file that the loader refuses: it is wrong, unless it is meant
// to be refused with these words.
func (r *Result) refused(src *Source, set []string) {
	r.Outcome = Wrong
	for _, e := range src.Refusals(set) {
		r.Checks = append(r.Checks, refusal(&e, src.Name, r.Findings))
	}
	if len(r.Checks) > 0 {
		r.Outcome = Held
		r.judge()
	}
}

// refusal is the check of one `refused` expectation.
func refusal(e *scenario.Expectation, file string, found diag.List) expect.Report {
	c := expect.Report{Source: e.Source, File: file, Line: e.Pos.Line, Want: "the file is refused: " + e.Refused}
	by, ok := RefusedBy(e, found)
	if ok {
		c.OK, c.Got = true, by.String()
		return c
	}
	c.Got = "it is refused with other words: " + by.String()
	c.Open = "ksim check " + expect.Quote(file)
	return c
}

// RefusedBy gives the error that has the words of a `refused` expectation; when
// none has them, the first error and false.
func RefusedBy(e *scenario.Expectation, found diag.List) (by diag.Diagnostic, ok bool) {
	for _, d := range found {
		if d.Severity == diag.Error && strings.Contains(d.Words(), e.Refused) {
			return d, true
		}
	}
	by, _ = found.FirstError()
	return by, false
}
