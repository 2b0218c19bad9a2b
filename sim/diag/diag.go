// Package diag is how ksim speaks of a file that is wrong: one diagnostic a
// mistake, with its place, the offending value, what is expected and the
// nearest valid name.
package diag

import (
	"fmt"
	"strings"
)

// Pos is a place in a file; lines and columns count from 1, 0 is unknown.
type Pos struct{ Line, Col int }

// Severity tells an error, which stops ksim with exit code 2, from a warning.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
)

// Diagnostic is one finding.
type Diagnostic struct {
	Severity Severity
	File     string
	Pos      Pos
	Message  string // lower case, says what is wrong with which value and what is expected
	Hint     string // the nearest valid name, or what to do; may be empty
}

// String prints `file:line:col: error: message (hint)` on one line.
func (d Diagnostic) String() string {
	var b strings.Builder
	b.WriteString(d.File)
	if d.Pos.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", d.Pos.Line, d.Pos.Col)
	}
	if d.Severity == Warning {
		b.WriteString(": warning: ")
	} else {
		b.WriteString(": error: ")
	}
	b.WriteString(d.Words())
	return b.String()
}

// Words is what has been found, without its place: `message (hint)`.
func (d Diagnostic) Words() string {
	if d.Hint == "" {
		return d.Message
	}
	return d.Message + " (" + d.Hint + ")"
}

// List is the findings of a file, in the order of their places.
type List []Diagnostic

// Error prints one finding a line, so that a List with errors is an error.
func (l List) Error() string {
	s := make([]string, len(l))
	for i, d := range l {
		s[i] = d.String()
	}
	return strings.Join(s, "\n")
}

// FirstError gives the first finding that is more than a warning; ok is false when
// there is none.
func (l List) FirstError() (d Diagnostic, ok bool) {
	for _, d := range l {
		if d.Severity == Error {
			return d, true
		}
	}
	return Diagnostic{}, false
}

// HasErrors tells whether any finding is more than a warning.
func (l List) HasErrors() bool {
	_, has := l.FirstError()
	return has
}
