package sim_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/sim"
	"ksim/sim/diag"
	"ksim/sim/scenario"
)

// everyClient is what a teacher may set in place of a scenario's own client.
var everyClient = []string{"java", "java@3.9", "java@0.10.0", "librdkafka", "kafka-python", "aiokafka", "franz-go", "sarama", "kafka-go", "kafkajs"}

// TestEveryClient sets every client in every scenario of the library ("now the same on
// sarama"), and compares the refusals with a list, so that a new one is noticed: each
// that is left is what the real client says or lacks, or what is not done yet. Every
// seventeenth that is not refused is run, with all invariants.
func TestEveryClient(t *testing.T) {
	library, err := filepath.Glob("../scenarios/*.yaml")
	more, err2 := filepath.Glob("../scenarios/*/*.yaml")
	if library = append(library, more...); err != nil || err2 != nil || len(library) < 100 {
		t.Fatal("where is the library?", err, err2, len(library))
	}
	const runs = 17
	refused := map[string]map[string][]string{} // by reason, then client
	n := 0
	for _, file := range library {
		for _, client := range everyClient {
			s, why := withClient(t, file, client)
			if s == nil {
				name := strings.TrimSuffix(filepath.Base(file), ".yaml")
				if refused[why] == nil {
					refused[why] = map[string][]string{}
				}
				refused[why][client] = append(refused[why][client], name)
				continue
			}
			if n++; n%runs == 0 {
				t.Run(client+" in "+filepath.Base(file), func(t *testing.T) {
					sim.New(s, sim.Options{Sink: new(events), Check: true}).Run()
				})
			}
		}
	}
	golden.File(t, "testdata/refused.txt", refusals(refused))
}

// withClient is a scenario with a client in all its groups that read Kafka, or why
// there is none.
func withClient(t *testing.T, file, client string) (*scenario.Scenario, string) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	o := scenario.Options{ReadFile: func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(file), name))
	}}
	for _, id := range groupID.FindAllSubmatch(src, -1) {
		o.Set = append(o.Set, scenario.Override(fmt.Sprintf("groups.%q.client=%s", id[1], client)))
	}
	if client == "java@0.10.0" { // newer brokers do not understand it
		o.Set = append(o.Set, "cluster.version=3.9")
	}
	s, found := scenario.Load(file, src, o)
	for _, d := range found {
		if d.Severity == diag.Error {
			return nil, strings.ReplaceAll(d.Message, client, "CLIENT")
		}
	}
	return s, ""
}

// groupID is a group's line in a file of the library.
var groupID = regexp.MustCompile(`(?m)^  - \{?id: ([\w.-]+)`)

// refusals writes them down: reason, client, scenarios.
func refusals(refused map[string]map[string][]string) string {
	var b strings.Builder
	b.WriteString("# The scenarios of the library in which --set groups.ID.client=CLIENT is refused, by reason.\n# Made by go test ./sim -run EveryClient -update.\n")
	for _, why := range slices.Sorted(maps.Keys(refused)) {
		fmt.Fprintf(&b, "\n%s\n", why)
		for _, client := range everyClient {
			if names := refused[why][client]; len(names) > 0 {
				fmt.Fprintf(&b, "  %s: %s\n", client, strings.Join(names, " "))
			}
		}
	}
	return b.String()
}
