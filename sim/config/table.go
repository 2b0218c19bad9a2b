package config

import "strings"

// Row is one property of a resolved configuration, for people to read.
type Row struct {
	Name    string
	Aliases []string // further names that the software accepts
	Type    string   // in the words of the software's documentation
	Allowed string   // values or bounds, "" for any
	Value   string   // given or default; "" is null or empty
	Given   bool
	Meaning string // one sentence, with the unit
}

// Rows lists every property that the version has, in the catalogue's order.
// The rows of a Set to which nothing was given are the defaults.
func (s Set) Rows() []Row {
	var rows []Row
	for i := range s.catalogue.rows {
		if p := &s.catalogue.rows[i]; p.in(s.version) {
			rows = append(rows, s.row(p))
		}
	}
	return rows
}

// Row is one property, by any name that the software or the contract knows it by;
// false when the version has none of that name.
func (s Set) Row(name string) (Row, bool) {
	p, present := s.catalogue.property(s.version, name)
	if p == nil || !present {
		return Row{}, false
	}
	return s.row(p), true
}

func (s Set) row(p *property) Row {
	return Row{Name: p.name, Aliases: p.aliases, Type: string(p.kind), Allowed: p.allowed(),
		Value: p.show(s.String(p.name)), Given: s.Given(p.name), Meaning: p.doc}
}

// show is a value as the software's documentation writes it.
func (p *property) show(value string) string {
	if p.kind == duration {
		return goDuration(value)
	}
	return value
}

// allowed says which values a property takes.
func (p *property) allowed() string {
	switch {
	case p.oneOf != nil:
		values := strings.Join(p.oneOf, ", ")
		for _, s := range p.synonyms {
			values += ", " + s.value + " (" + s.means + ")"
		}
		return values
	case p.min != "" && p.max != "":
		return p.min + " to " + p.max
	case p.min != "":
		return "at least " + p.min
	}
	return ""
}

// FormatRows prints rows as text, two lines each: name and value; type, allowed
// values, other names and meaning.
func FormatRows(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.TrimSuffix(r.Name+" = "+r.Value, " ") + "\n    " + r.Type)
		if r.Allowed != "" {
			b.WriteString(" (" + r.Allowed + ")")
		}
		if len(r.Aliases) > 0 {
			b.WriteString("; also " + strings.Join(r.Aliases, ", "))
		}
		b.WriteString(". " + r.Meaning + "\n")
	}
	return b.String()
}
