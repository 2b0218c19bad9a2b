package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"ksim/internal/suite"
)

// JUnit makes the XML that CI servers read: a suite a scenario, a case an
// expectation.
type JUnit struct{ document junitSuites }

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	File     string      `xml:"file,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr,omitempty"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Skipped *junitProblem `xml:"skipped"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// Result takes in one scenario.
func (j *JUnit) Result(r *suite.Result) {
	s := junitSuite{Name: r.Name, File: r.Name, Time: seconds(r.Seconds)}
	class := strings.TrimSuffix(r.Name, ".yaml")
	for i := range r.Checks {
		c := &r.Checks[i]
		one := junitCase{Name: c.Source, Class: class, File: r.Name, Line: c.Line, Time: seconds(0)}
		if !c.OK {
			one.Failure = &junitProblem{Message: "want " + c.Want + "; got " + c.Got, Text: c.Text(0)}
			s.Failures++
		}
		s.Cases = append(s.Cases, one)
	}
	whole := junitCase{Name: "the scenario runs", Class: class, File: r.Name, Time: seconds(r.Seconds)}
	switch why := errorsOf(r); {
	case r.Outcome == suite.Wrong:
		whole.Error = &junitProblem{Message: why[0], Text: strings.Join(why, "\n")}
		s.Cases = append(s.Cases, whole)
		s.Errors++
	case r.Outcome == suite.Nothing:
		whole.Skipped = &junitProblem{Message: "it expects nothing"}
		s.Cases = append(s.Cases, whole)
		s.Skipped++
	}
	s.Tests = len(s.Cases)
	d := &j.document
	d.Tests, d.Failures, d.Errors, d.Skipped = d.Tests+s.Tests, d.Failures+s.Failures, d.Errors+s.Errors, d.Skipped+s.Skipped
	d.Suites = append(d.Suites, s)
}

// End takes in the totals.
func (j *JUnit) End(all *Totals) error {
	j.document.Name, j.document.Time = "ksim test", seconds(all.Seconds)
	return nil
}

// WriteTo writes the document.
func (j *JUnit) WriteTo(w io.Writer) (int64, error) {
	text, err := xml.MarshalIndent(&j.document, "", "  ")
	if err != nil {
		return 0, err
	}
	n, err := io.WriteString(w, xml.Header+string(text)+"\n")
	return int64(n), err
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
