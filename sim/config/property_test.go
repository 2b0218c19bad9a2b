package config

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/kafka"
)

// edition is one software in one version.
type edition struct {
	c *catalogue
	v kafka.Version
}

// editions are all released lines of everything that has a catalogue.
func editions() []edition {
	var all []edition
	for _, p := range profiles {
		for _, l := range p.lines {
			for minor := l.first; minor <= l.last; minor++ {
				if c := consumers[p.name]; c != nil {
					all = append(all, edition{c, kafka.V(l.major, minor, 0)})
				}
				if p.name == "java" { // brokers are released with the Java client
					v := kafka.V(l.major, minor, 0)
					all = append(all, edition{broker, v}, edition{topic, v}, edition{group, v})
				}
			}
		}
	}
	for _, c := range []*catalogue{broker, topic, group} {
		all = append(all, edition{c, kafka.V(4, 2, 0)}, edition{c, kafka.V(4, 3, 0)})
	}
	return append(all, edition{javaConsumer, kafka.V(0, 10, 1)}, edition{javaConsumer, kafka.V(0, 10, 2)})
}

// TestCatalogueIsSound checks every row of every version against itself: one
// row a name, defaults that the software would accept, histories in order.
func TestCatalogueIsSound(t *testing.T) {
	for _, e := range editions() {
		seen := map[string]bool{}
		for i := range e.c.rows {
			p := &e.c.rows[i]
			if !p.in(e.v) {
				continue
			}
			for _, name := range p.allNames() {
				if seen[name] {
					t.Errorf("%s %s has two rows for %s", e.c.software, e.v, name)
				}
				seen[name] = true
			}
			def := p.defaultIn(e.v)
			if value, refusal := e.c.value(p, Property{Key: p.name, Value: p.show(def)}); def != "" && (refusal != "" || value != def) {
				t.Errorf("%s %s: default %s=%s reads as %q: %s", e.c.software, e.v, p.name, def, value, refusal)
			}
			if !strings.HasSuffix(p.doc, ".") {
				t.Errorf("%s: the meaning of %s is not a sentence", e.c.software, p.name)
			}
			if !slices.IsSortedFunc(p.was, func(a, b formerly) int { return int(a.until - b.until) }) {
				t.Errorf("%s: the defaults of %s are not oldest first", e.c.software, p.name)
			}
		}
	}
}

// TestDefaultsResolveToThemselves: writing any of the defaults down changes
// nothing. Properties of other kinds of client are left out: an ordinary
// consumer refuses some of them.
func TestDefaultsResolveToThemselves(t *testing.T) {
	all := editions()
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(all).Draw(t, "edition")
		defaults, _ := e.c.resolve(e.v, nil)
		var given []Property
		for _, r := range defaults.Rows() {
			p, _ := e.c.property(e.v, r.Name)
			// Naming the first pause alone takes the growth of the pauses away.
			if r.Name == "reconnect.backoff.ms" && e.c == javaConsumer {
				continue
			}
			// kafka-go compares MinBytes with MaxBytes before it sets the
			// default of the latter.
			if r.Name == "MinBytes" {
				continue
			}
			if p.side == consumerSide && r.Value != "" && rapid.Bool().Draw(t, r.Name) {
				given = append(given, Property{Key: r.Name, Value: r.Value})
			}
		}
		s, problems := e.c.resolve(e.v, given)
		if len(problems) > 0 {
			t.Fatalf("%s %s: %+v", e.c.software, e.v, problems)
		}
		for _, r := range s.Rows() {
			if s.String(r.Name) != defaults.String(r.Name) {
				t.Fatalf("%s %s: %s became %s", e.c.software, e.v, r.Name, r.Value)
			}
		}
	})
}

// TestAliasesResolve: whichever name a property is given by, all its names read
// the same.
func TestAliasesResolve(t *testing.T) {
	for _, e := range editions() {
		for i := range e.c.rows {
			p := &e.c.rows[i]
			names := slices.Concat([]string{p.name}, p.aliases, p.borrowed)
			if value := p.defaultIn(e.v); p.in(e.v) && value != "" && len(names) > 1 {
				for _, name := range names {
					form := value
					if name == p.name {
						form = p.show(value)
					}
					s, _ := e.c.resolve(e.v, []Property{{Key: name, Value: form}})
					for _, other := range names {
						if !s.Given(other) || s.String(other) != value {
							t.Errorf("%s %s: %s=%s is not seen as %s", e.c.software, e.v, name, value, other)
						}
					}
				}
			}
		}
	}
}

// TestAcceptedValuesAreStable: whatever a user writes, nothing panics, and a
// value that was accepted is accepted again in the form that it was given.
func TestAcceptedValuesAreStable(t *testing.T) {
	all := editions()
	values := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[-+]?[0-9]{0,12}( ?(ms|s|m|h|kB|MiB))?`),
		rapid.SampledFrom([]string{"true", "F", "TRUE", "earliest", "largest", "none", "range,roundrobin", "range, cooperative-sticky",
			"CONSUMER", "classic", "0x1f", "010", "by_duration:PT1H", "by_duration:P", ",", "a,,b"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(all).Draw(t, "edition")
		g := Property{Key: rapid.SampledFrom(e.c.names).Draw(t, "key"), Value: values.Draw(t, "value")}
		s, problems := e.c.resolve(e.v, []Property{g})
		p, present := e.c.property(e.v, g.Key)
		if !present || s.String(g.Key) == "" || slices.ContainsFunc(problems, func(p Problem) bool { return p.OfValue }) {
			return
		}
		again := Property{Key: p.name, Value: p.show(s.String(g.Key))}
		if other, _ := e.c.resolve(e.v, []Property{again}); other.String(p.name) != s.String(g.Key) {
			t.Fatalf("%s %s: %q reads as %q, which reads as %q", e.c.software, e.v, g.Value, again.Value, other.String(p.name))
		}
	})
}

// FuzzParseClient: any text is either a client that prints and reads back as
// itself, or says why not.
func FuzzParseClient(f *testing.F) {
	for _, seed := range []string{"java", "java@4.1", "java@0.10.2.1", "librdkafka@2.10", "sarama@", "@", "java@4.1.1", "kafka-go@0.4.50"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, v, err := ParseClient(text)
		if err != nil {
			if err.Message == "" {
				t.Error("refused without a reason")
			}
			return
		}
		if again, w, err := ParseClient(name + "@" + v.String()); err != nil || again != name || w != v {
			t.Errorf("%q reads as %s %s, which does not read back", text, name, v)
		}
	})
}
