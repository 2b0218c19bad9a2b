package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"ksim/internal/suite"
	"ksim/sim/diag"
	"ksim/sim/expect"
	"ksim/sim/trace"
)

// results are one of each outcome, with what formats must escape.
func results() []suite.Result {
	return []suite.Result{
		{Name: "a.yaml", Scenario: "a", Outcome: suite.Held, Checks: []expect.Report{{OK: true, Source: `{lost: 0} # "all" & <none> ]]>`}}},
		{Name: "b #1.yaml", Scenario: "b", Outcome: suite.Failed, Checks: []expect.Report{{
			Source: "{never: log}", File: "b #1.yaml", Line: 3, Want: "no log", Got: "1\x00\x1b",
			Chain: []trace.Event{{At: 1000, Seq: 7, Cause: 2, Type: trace.Log, Text: "line 1\nline 2 \\ \x1b"}}, Whole: true, Open: "ksim run 'b #1.yaml'",
		}}},
		{Name: "c.yaml", Outcome: suite.Wrong, Findings: diag.List{{File: "c.yaml", Message: "broken"}}},
		{Name: "d.yaml", Outcome: suite.Wrong, Fault: "index out of range"},
		{Name: "e.yaml", Scenario: "e", Outcome: suite.Nothing},
	}
}

// report writes all results.
func report(t *testing.T, r Reporter) Totals {
	t.Helper()
	var all Totals
	for _, x := range results() {
		all.Add(&x)
		r.Result(&x)
	}
	if err := r.End(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestJUnitIsRead: a CI server's parser takes the file whatever stands in texts, and
// finds the same numbers.
func TestJUnitIsRead(t *testing.T) {
	j := &JUnit{}
	report(t, j)
	var b bytes.Buffer
	if _, err := j.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	var back junitSuites
	if err := xml.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if back.Tests != 5 || back.Failures != 1 || back.Errors != 2 || back.Skipped != 1 || len(back.Suites) != 5 {
		t.Errorf("%+v", back)
	}
	if name := back.Suites[0].Cases[0].Name; name != results()[0].Checks[0].Source {
		t.Errorf("the name of a case became %q", name)
	}
}

// TestJSONIsRead: the document is one value, with the nearest event as the trace has
// it.
func TestJSONIsRead(t *testing.T) {
	var b bytes.Buffer
	report(t, &JSON{Out: &b, Version: "1.2.3"})
	var back document
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if back.Version != "1.2.3" || back.Totals.Wrong != 2 || back.Totals.Scenarios != 5 {
		t.Errorf("%+v", back.Totals)
	}
	var near struct{ Seq uint64 }
	if err := json.Unmarshal(back.Scenarios[1].Expectations[0].Near, &near); err != nil || near.Seq != 7 {
		t.Errorf("%v %+v", err, near)
	}
}

// TestTAPLines: every line is one that TAP 14 knows, and numbers what was planned.
func TestTAPLines(t *testing.T) {
	var b bytes.Buffer
	report(t, &TAP{Out: &b, Plan: 5})
	top := 0
	inBlock := false
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		body := strings.TrimLeft(line, " ")
		switch {
		case body == "---":
			inBlock = true
		case body == "...":
			inBlock = false
		case inBlock, strings.HasPrefix(line, "TAP version 14"), strings.HasPrefix(body, "1.."), strings.HasPrefix(body, "# "):
		case strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "not ok "):
			top++
		case strings.HasPrefix(line, "    ok ") || strings.HasPrefix(line, "    not ok "):
		default:
			t.Errorf("no line of TAP: %q", line)
		}
	}
	if top != 5 || !strings.Contains(b.String(), `not ok 2 - b \#1.yaml`) {
		t.Errorf("%d tests:\n%s", top, b.String())
	}
}

// TestSentence says each outcome, in the singular and the plural.
func TestSentence(t *testing.T) {
	all := report(t, &Text{Out: &bytes.Buffer{}})
	if got := all.String(); got != "5 scenarios: 1 holds, 1 fails, 2 are wrong, 1 expects nothing; 1 of 2 expectations hold" {
		t.Error(got)
	}
}
