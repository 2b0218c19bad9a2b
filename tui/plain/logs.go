package plain

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/trace"
)

// logs picks the log lines that are shown. Warnings and errors always are;
// other lines only as witnesses: those of the coordinator, and of the member
// itself, at the instant of a row that tells of trouble or of a rebalance. A
// line that has been shown twice with other numbers is counted from then on.
type logs struct {
	all    bool
	moment []trace.Event
	shown  map[string]int // by the line without its numbers
}

// most log lines of one kind that are shown; the lines of one instant that
// witness one row.
const (
	mostOfAKind   = 2
	mostWitnesses = 2
)

// take keeps a line of the instant.
func (l *logs) take(e *trace.Event) { l.moment = append(l.moment, *e) }

// attach puts the lines of an instant below its rows: each below the last row
// that it bears witness to, else below the last one. What has no row is given
// back.
func (l *logs) attach(rows []*row) (alone []logLine) {
	for i := range l.moment {
		e := &l.moment[i]
		line := logLine{e.Member, e.Level, e.Text}
		if e.Member == "" {
			line.who = "broker " + strconv.Itoa(int(e.Broker))
		}
		always := l.all || e.Level == "ERROR" || e.Level == "CRITICAL" || strings.HasPrefix(e.Level, "WARN")
		of := witnessed(rows, e, always)
		switch {
		case of != nil && (always || e.Level == "INFO" && len(of.logs) < mostWitnesses):
			of.quote(line)
		case of == nil && always && len(rows) > 0:
			rows[len(rows)-1].quote(line)
		case of == nil && always:
			alone = append(alone, line)
		}
	}
	l.moment = l.moment[:0]
	return alone
}

// witnessed finds the row that a line bears witness to; warnings do so for
// refusals too.
func witnessed(rows []*row, e *trace.Event, always bool) *row {
	for _, r := range slices.Backward(rows) {
		if r.concerns(e) && (r.needsWitness() || always && r.mark == markRefused) {
			return r
		}
	}
	return nil
}

// needsWitness tells whether a row is worth the real software's own words even
// where these are routine.
func (r *row) needsWitness() bool {
	switch r.mark {
	case markEvicted:
		return true
	case markRebalance:
		return r.group.was == "Stable"
	}
	return false
}

// concerns tells whether a line comes from the coordinator or from a member
// that the row is about.
func (r *row) concerns(e *trace.Event) bool {
	if e.Member == "" {
		return true
	}
	for _, m := range r.members {
		if m.conf.Name == e.Member {
			return true
		}
	}
	return false
}

// shows tells whether a line is to be printed, and counts it.
func (l *logs) shows(line logLine) bool {
	if l.all {
		return true
	}
	kind := strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, line.text)
	if len(kind) > 40 {
		kind = kind[:40]
	}
	l.shown[kind]++
	return l.shown[kind] <= mostOfAKind
}
