// Package seeds holds what the three documents claim that ksim was created
// from, whether it holds today, and which scenarios show it. The claims are the
// YAML files beside this one, a file a document; docs/seeds.md is made of them
// and of what the scenarios measure.
package seeds

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed *.yaml
var files embed.FS

// Document is one of the seeds.
type Document struct {
	Title  string
	Claims []Claim
}

// documents are the seeds, in their order.
var documents = []struct{ file, title string }{
	{"consumers.yaml", "An article: Kafka consumers, three buffers and a slow upload"},
	{"poll-records.yaml", "A pattern: max.poll.records against session.timeout.ms"},
	{"life-cycles.yaml", "A guide: life cycles of consumers with Kafka and SQS"},
}

// Verdict is whether a claim holds today.
type Verdict string

// The verdicts. Dated: it was so in a version that has gone.
const (
	Holds  Verdict = "holds"
	Partly Verdict = "partly"
	Wrong  Verdict = "wrong"
	Dated  Verdict = "dated"
)

// Claim is one statement of a seed.
type Claim struct {
	ID      string  `yaml:"id"`
	Seed    string  `yaml:"seed"` // what the seed says, in short
	Verdict Verdict `yaml:"verdict"`
	Because string  `yaml:"because"` // what is to be said of it today
	Shows   []Show  `yaml:"shows"`   // empty: nothing of it can be run, and Because says why
}

// Scenarios are the names of those that show the claim, each once.
func (c *Claim) Scenarios() []string {
	var names []string
	for _, s := range c.Shows {
		if !slices.Contains(names, s.Scenario) {
			names = append(names, s.Scenario)
		}
	}
	return names
}

// Show is a scenario that shows a claim, and what it must measure there.
type Show struct {
	Scenario string   // as @name takes it
	Set      []string // what --set changes of it
	Expect   string   // an entry of `expect`, in flow style
}

// UnmarshalYAML reads `NAME [--set PATH=VALUE]…: {expectation}`.
func (s *Show) UnmarshalYAML(text []byte) error {
	var entry yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(text, &entry, yaml.UseOrderedMap()); err != nil {
		return err
	}
	if len(entry) != 1 {
		return fmt.Errorf("expected one scenario with one expectation, got %d", len(entry))
	}
	words := strings.Split(fmt.Sprint(entry[0].Key), " --set ")
	flow, err := yaml.MarshalWithOptions(entry[0].Value, yaml.JSON())
	if err != nil {
		return err
	}
	*s = Show{Scenario: words[0], Set: words[1:], Expect: string(bytes.TrimSpace(flow))}
	return nil
}

// Load reads all claims.
func Load() ([]Document, error) {
	var all []Document
	for _, d := range documents {
		text, err := files.ReadFile(d.file)
		if err != nil {
			return nil, err
		}
		doc := Document{Title: d.title}
		if err := yaml.UnmarshalWithOptions(text, &doc.Claims, yaml.DisallowUnknownField()); err != nil {
			return nil, fmt.Errorf("%s: %w", d.file, err)
		}
		for _, c := range doc.Claims {
			if !slices.Contains([]Verdict{Holds, Partly, Wrong, Dated}, c.Verdict) {
				return nil, fmt.Errorf("%s: %s: verdict %q", d.file, c.ID, c.Verdict)
			}
		}
		all = append(all, doc)
	}
	return all, nil
}
