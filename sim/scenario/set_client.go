package scenario

import (
	"slices"
	"strings"

	"ksim/sim/config"
	"ksim/sim/diag"
)

// adaptation is what of a file does not go with a client that an override has set,
// and what is done about it: one warning says it all.
type adaptation struct {
	dropped []string // options of the file that the client does not have
	said    []string // values that it is given instead, each a clause
}

// adapt lets a client that an override has set have what the file says for another:
// what it lacks is dropped, what it calls otherwise is translated, and a default of
// its own that does not go with the file is set as its user would have to. It tells
// whether it has changed anything.
func (a *adaptation) adapt(s *setup, client *node, problems []config.Problem) bool {
	changed := false
	given := &node{kind: isMap, place: client.place}
	if s.given != nil {
		given.place = s.given.place
	}
	for _, f := range s.given.entries() {
		value, what := a.adapted(f, problems)
		if changed = changed || value != f.value; value == nil {
			a.dropped = append(a.dropped, f.key)
			continue
		}
		if what != "" {
			a.said = append(a.said, what)
		}
		given.fields = append(given.fields, field{f.key, f.place, value})
	}
	for _, p := range problems {
		if p.Severity == diag.Error && p.Default.Key != "" && given.field(p.Default.Key) == nil {
			changed = true
			a.said = append(a.said, "is given "+p.Default.Key+" "+p.Default.Value+", as its default does not go with "+p.Property.Key)
			given.fields = append(given.fields, field{p.Default.Key, client.place, &node{kind: isScalar, place: client.place, text: p.Default.Value}})
		}
	}
	if changed {
		s.given = given
	}
	return changed
}

// adapted is the value that an option of the file gets: nil when it is dropped. Assignors
// are dropped too, which each client calls by names of its own.
func (a *adaptation) adapted(f field, problems []config.Problem) (value *node, what string) {
	if f.place.fromOverride() {
		return f.value, ""
	}
	for _, p := range problems {
		switch {
		case p.Severity != diag.Error || p.Property.Key != f.key:
		case !p.OfValue, namesAssignors(f.key):
			return nil, ""
		case dotted(f.key) == "auto.offset.reset":
			if common := commonReset(f.value.text); common != "" && common != f.value.text {
				return &node{kind: isScalar, place: f.value.place, text: common}, "has " + common + " for " + f.key + " " + f.value.text
			}
		}
	}
	return f.value, ""
}

// commonReset is the word that all clients understand for one that only some of them
// have, "" where there is none.
func commonReset(word string) string {
	switch word {
	case "smallest", "beginning":
		return "earliest"
	case "largest", "end":
		return "latest"
	}
	return ""
}

// lackedBy takes the keys out of an app that its client has nothing for.
func (a *adaptation) lackedBy(app *node, client Client) *node {
	lacks := lacking(app, client)
	if len(lacks) == 0 {
		return app
	}
	kept := &node{kind: isMap, place: app.place, bad: app.bad}
	for _, f := range app.fields {
		if slices.ContainsFunc(lacks, func(x lack) bool { return x.key == f.key }) && !f.place.fromOverride() {
			a.dropped = append(a.dropped, "app."+f.key+" "+f.value.text)
			continue
		}
		kept.fields = append(kept.fields, f)
	}
	return kept
}

// warn says what has been adapted.
func (a *adaptation) warn(l *loader, s *setup, client *node) {
	var said []string
	if len(a.dropped) > 0 {
		said = append(said, "does not have these options of the file, which are dropped: "+strings.Join(a.dropped, ", "))
	}
	if said = append(said, a.said...); len(said) > 0 {
		l.warnAt(client.place, "", "%s %s", s.client, strings.Join(said, "; "))
	}
}

// namesAssignors tells whether a property lists the assignors that are offered.
func namesAssignors(key string) bool { return dotted(key) == "partition.assignment.strategy" }

// dotted is the contract's spelling of a property that Python clients spell with
// underscores.
func dotted(key string) string { return strings.ReplaceAll(key, "_", ".") }
