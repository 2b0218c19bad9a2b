package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed mutants.yaml
var list []byte

// mutant is one change to the source that deletes or reverses one mechanism.
type mutant struct {
	Mechanism string `yaml:"mechanism"` // what no longer holds, in words
	File      string `yaml:"file"`      // from the module's root
	Old       string `yaml:"old"`       // stands exactly once in the file
	New       string `yaml:"new"`
	// Unnoticed is why no scenario can tell the difference; "" for a mutant that
	// one must notice.
	Unnoticed string `yaml:"unnoticed"`
}

// mutants reads the list.
func mutants() ([]mutant, error) {
	var all []mutant
	d := yaml.NewDecoder(bytes.NewReader(list), yaml.Strict())
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("mutants.yaml: %w", err)
	}
	return all, nil
}

// apply gives the text of the mutant's file with the change made.
func (m *mutant) apply(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, m.File))
	if err != nil {
		return "", err
	}
	switch n := strings.Count(string(text), m.Old); {
	case m.Old == m.New:
		return "", errors.New("changes nothing")
	case n != 1:
		return "", fmt.Errorf("%s: expected exactly once, found %d times:\n%s", m.File, n, m.Old)
	}
	return strings.Replace(string(text), m.Old, m.New, 1), nil
}
