// Package scenariotest reads the scenarios that ksim brings along, for the tests of
// what runs and shows them.
package scenariotest

import (
	"testing"

	"ksim/scenarios"
	"ksim/sim/scenario"
)

// Load reads one of the library's scenarios, by its name with the folder.
func Load(t testing.TB, name string) *scenario.Scenario {
	t.Helper()
	text, err := scenarios.Files.ReadFile(name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, found := scenario.Load(name, text, scenario.Options{BaseName: name})
	if s == nil {
		t.Fatal(found)
	}
	return s
}
