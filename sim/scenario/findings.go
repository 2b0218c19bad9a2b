package scenario

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/diag"
)

// maxFindings is how many errors, and how many warnings, are listed; a file
// with more is wrong in one way many times.
const maxFindings = 200

// use takes over a value that was read, or reports why there is none.
func (l *loader) use(n *node, at string, value int64, f *fault) {
	if f != nil {
		l.reject(n, f.hint, "%s: %s", at, f.message)
		return
	}
	n.value = value
}

// reject reports a value that nobody can use, once: members share the values of
// their group.
func (l *loader) reject(n *node, hint, format string, args ...any) {
	l.rejectAt(n, n.place, hint, format, args...)
}

func (l *loader) rejectAt(n *node, p place, hint, format string, args ...any) {
	if !n.bad {
		n.bad = true
		l.errorAt(p, hint, format, args...)
	}
}

func (l *loader) errorAt(p place, hint, format string, args ...any) {
	l.report(diag.Error, p, hint, fmt.Sprintf(format, args...))
}

func (l *loader) warnAt(p place, hint, format string, args ...any) {
	l.report(diag.Warning, p, hint, fmt.Sprintf(format, args...))
}

func (l *loader) full() bool { return l.count[diag.Error] > maxFindings }

// onOneLine keeps a finding on one line, whatever the value that it repeats.
var onOneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`)

// report is the one door through which findings go.
func (l *loader) report(severity diag.Severity, p place, hint, message string) {
	d := diag.Diagnostic{Severity: severity, File: l.file, Pos: p.pos, Message: onOneLine.Replace(message), Hint: onOneLine.Replace(hint)}
	if p.file != "" {
		d.File = p.file
	}
	if l.count[severity] > maxFindings || l.reported[d] {
		return
	}
	l.reported[d] = true
	if l.count[severity]++; l.count[severity] > maxFindings {
		d.Message, d.Hint = fmt.Sprintf("more than %d findings: the others are not shown", maxFindings), ""
	}
	if d.File == l.file {
		l.inFile = append(l.inFile, d)
	} else {
		l.elsewhere = append(l.elsewhere, d)
	}
}

// findings lists what was found: in the file by place, then in overrides in
// their order, then in other files.
func (l *loader) findings() diag.List {
	l.inFile.Sort()
	rank := func(d diag.Diagnostic) int {
		i := slices.IndexFunc(l.options.Set, func(o Override) bool { return d.File == o.label() })
		if i < 0 {
			return len(l.options.Set)
		}
		return i
	}
	slices.SortStableFunc(l.elsewhere, func(a, b diag.Diagnostic) int { return rank(a) - rank(b) })
	return append(l.inFile, l.elsewhere...)
}
