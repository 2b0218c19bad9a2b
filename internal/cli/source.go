package cli

import (
	"io"

	"ksim/internal/suite"
	"ksim/scenarios"
	"ksim/sim/scenario"
)

// files is where scenarios are read from.
func (e *Env) files() *suite.Files {
	return &suite.Files{ReadFile: e.ReadFile, WalkDir: e.WalkDir, Stdin: func() ([]byte, error) { return readLimited(e.Stdin) }}
}

// load reads and checks a scenario, and writes what is wrong with it or odd.
func (e *Env) load(arg string, set []string, findings io.Writer) (*scenario.Scenario, error) {
	src, err := e.files().Read(arg)
	if err != nil {
		return nil, err
	}
	return checked(&src, set, findings)
}

// checked parses and checks a scenario, and writes what is wrong with it or odd.
func checked(src *suite.Source, set []string, findings io.Writer) (*scenario.Scenario, error) {
	s, found := src.Load(set)
	printFindings(findings, found)
	if found.HasErrors() {
		return nil, exitError{ExitWrong}
	}
	return s, nil
}

// atNames are the scenarios that ksim brings along as arguments: by their folder,
// each by its shortest name.
func atNames() []string {
	var names []string
	for _, n := range scenarios.Names() {
		names = append(names, "@"+scenarios.Short(n))
	}
	return names
}
