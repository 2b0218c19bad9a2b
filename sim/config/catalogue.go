package config

import (
	"slices"
	"strconv"

	"ksim/sim/diag"
	"ksim/sim/kafka"
)

// kind is the type of a property's value.
type kind string

// The kinds, in the words of the clients' documentation. Java's are the types
// of ConfigDef; an enumeration is text with oneOf.
const (
	boolean  kind = "boolean"
	short    kind = "short"
	integer  kind = "int"
	long     kind = "long"
	double   kind = "double"
	text     kind = "string"
	list     kind = "list"
	class    kind = "class"
	password kind = "password"
	callback kind = "callback" // librdkafka: set by a function, never by text
)

// property is one row of a catalogue.
type property struct {
	name     string
	aliases  []string // other names that the software itself accepts
	borrowed []string // Java's name, which the contract lets every client's config use
	inverse  string   // another name, under which a boolean means its opposite
	kind     kind
	commas   bool       // text that holds several values, separated by commas
	def      string     // the newest default; "" is null or empty
	was      []formerly // earlier defaults, oldest first
	min, max string     // bounds of a number, both included; "" is none
	oneOf    []string   // the only values, in the software's own case
	anyCase  bool       // oneOf is compared without regard to case
	synonyms []synonym  // further words for values

	// check says why a value is refused beyond kind, bounds and oneOf, "" when it
	// is not; it has the place of oneOf where it is set.
	check func(value string) (refusal string)

	since  kafka.Version // the first version that has it; 0 is all
	until  kafka.Version // the first version that lacks it again; 0 is none
	before string        // what a version without it does, as a value
	side   side
	doc    string // one sentence, with the unit
}

// formerly is a default that held in versions below until.
type formerly struct {
	until kafka.Version
	def   string
}

// synonym is a value that means another.
type synonym struct{ value, means string }

// side tells whether a client's property is for consumers or not.
type side uint8

const (
	consumerSide side = iota
	producerSide      // the client has it, but a consumer ignores it
	shareSide         // only share consumers use it
)

// in tells whether the version has the property.
func (p *property) in(v kafka.Version) bool {
	return v >= p.since && (p.until == 0 || v < p.until)
}

// defaultIn is the property's default in a version that has it.
func (p *property) defaultIn(v kafka.Version) string {
	for _, w := range p.was {
		if v < w.until {
			return w.def
		}
	}
	return p.def
}

// catalogue is all properties of one software through its versions.
type catalogue struct {
	software string // as a sentence names it
	rows     []property
	names    []string // canonical names and aliases, in the rows' order, for hints
	index    map[string][]*property

	// parse gives the value in the software's own form, or why it refuses it.
	parse func(p *property, given string) (value, refusal string)
	// read is instead of parse where a value's form depends on the name under
	// which it is given.
	read func(p *property, key, given string) (value, refusal string)
	// producer is what the software's producer has and its consumer lacks, for hints.
	producer []string
	// unknown is what the software says of a name that it does not have.
	unknown func(v kafka.Version, g Property) string
	// remark warns of a property that is accepted with a reservation; may be nil.
	remark func(r *resolution, p *property, g Property)
	// rules are what it checks across properties, once every value is well-formed.
	rules []func(*resolution)
}

// indexed completes a catalogue by its index. A name may have several rows for
// disjoint versions, where more than the default changed.
func indexed(c catalogue) *catalogue {
	c.index = make(map[string][]*property, len(c.rows))
	for i := range c.rows {
		p := &c.rows[i]
		for _, name := range p.allNames() {
			if c.index[name] == nil {
				c.names = append(c.names, name)
			}
			c.index[name] = append(c.index[name], p)
		}
	}
	return &c
}

// allNames are the names under which a property may be given.
func (p *property) allNames() []string {
	names := slices.Concat([]string{p.name}, p.aliases, p.borrowed)
	if p.inverse != "" {
		names = append(names, p.inverse)
	}
	return names
}

// property finds the row of a name that holds for the version; when there is
// none, a row of another version with present false, or nil.
func (c *catalogue) property(v kafka.Version, name string) (p *property, present bool) {
	rows := c.index[name]
	for _, p := range rows {
		if p.in(v) {
			return p, true
		}
	}
	if len(rows) == 0 {
		return nil, false
	}
	return rows[0], false
}

// resolution is a Set in the making, and what was found on the way.
type resolution struct {
	Set
	problems []Problem
}

// resolve checks what the user gave and completes it by the version's defaults.
// A property that is refused keeps its default; of a property given twice, by
// two of its names, the last counts. Problems come in the order given, those of
// the rules across properties last; more are rules that hang on the occasion.
func (c *catalogue) resolve(v kafka.Version, given []Property, more ...func(*resolution)) (Set, []Problem) {
	r := resolution{Set: Set{catalogue: c, version: v,
		values: make(map[string]string, len(given)), given: make(map[string]Property, len(given))}}
	wellFormed := true
	for _, g := range given {
		wellFormed = r.take(g) && wellFormed
	}
	if wellFormed {
		for _, rule := range slices.Concat(c.rules, more) {
			rule(&r)
		}
	}
	return r.Set, r.problems
}

// take enters one given property; false means that its value is malformed, so
// that rules about it would complain of a value that the user did not mean.
func (r *resolution) take(g Property) bool {
	p, present := r.catalogue.property(r.version, g.Key)
	if !present {
		r.problems = append(r.problems, Problem{Property: g,
			Message: r.catalogue.unknown(r.version, g), Hint: r.catalogue.unknownHint(r.version, g.Key, p)})
		return true
	}
	if g.IsList && p.kind != list && !p.commas {
		r.problems = append(r.problems, Problem{Property: g, OfValue: true, Message: g.Key + " is a list: expected one value"})
		return false
	}
	value, refusal := r.catalogue.value(p, g)
	if refusal != "" {
		r.problems = append(r.problems, Problem{Property: g, OfValue: true,
			Message: refusal, Hint: valueHint(p, g.Key, g.Value)})
		return false
	}
	r.values[p.name], r.given[p.name] = value, g
	if r.catalogue.remark != nil {
		r.catalogue.remark(r, p, g)
	}
	return true
}

// value gives a property's value in the software's own form.
func (c *catalogue) value(p *property, g Property) (value, refusal string) {
	if c.read != nil {
		return c.read(p, g.Key, g.Value)
	}
	return c.parse(p, g.Value)
}

// refuse reports a broken rule at the value of the first of names that the user
// gave: a default alone never breaks one.
func (r *resolution) refuse(message, hint string, names ...string) {
	r.report(diag.Error, message, hint, names)
}

// refuseDefault is refuse of a rule that the default of an option may break: when it
// was not given, a positive value is what would keep the rule.
func (r *resolution) refuseDefault(option string, value int64, message, hint string, names ...string) {
	before := len(r.problems)
	r.refuse(message, hint, names...)
	if len(r.problems) > before && !r.Given(option) && value > 0 {
		r.problems[before].Default = Property{Key: option, Value: strconv.FormatInt(value, 10)}
	}
}

// refuseHeartbeat refuses a heartbeat interval that is not below the session timeout.
// A third of the session is what every client's documentation advises.
func (r *resolution) refuseHeartbeat(heartbeat, session, message, hint string) {
	option, value := "heartbeat.interval.ms", r.Int(session)/3
	if r.Given(heartbeat) {
		option, value = "session.timeout.ms", 3*r.Int(heartbeat)
	}
	r.refuseDefault(option, value, message, hint, heartbeat, session)
}

// warn reports what the software accepts with a warning, in the same way.
func (r *resolution) warn(message, hint string, names ...string) {
	r.report(diag.Warning, message, hint, names)
}

func (r *resolution) report(severity diag.Severity, message, hint string, names []string) {
	for _, name := range names {
		if g, ok := r.given[name]; ok {
			r.problems = append(r.problems, Problem{Severity: severity, Property: g, OfValue: true,
				Message: message, Hint: hint})
			return
		}
	}
}
