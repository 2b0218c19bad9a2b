package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/sim/diag"
	"ksim/sim/kafka"
)

// TestTranscripts says, case by case, what each software makes of a
// configuration: refusals in its own words, warnings, and the values that hold.
//
//	consumer java@4.1      (or: producer 4.1, broker 4.1, topic 4.1, group 4.1)
//	session.timeout.ms=30s
//	----
//	error at value of session.timeout.ms: …
//
//	client java@9          parses a client
//	compatible java@2.0 4.0
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			args := make([]string, len(d.CmdArgs))
			for i, a := range d.CmdArgs {
				args[i] = a.String()
			}
			switch d.Cmd {
			case "client":
				name, v, err := ParseClient(strings.Join(args, " "))
				if err != nil {
					return err.Error() + "\n"
				}
				return name + "@" + v.String() + "\n"
			case "compatible":
				name, v := mustParse(t, d, args[0])
				if why := Compatible(name, v, brokerVersion(t, d, args[1])); why != "" {
					return why + "\n"
				}
				return "ok\n"
			default:
				return transcript(resolveCase(t, d, args[0]))
			}
		})
	})
}

func mustParse(t *testing.T, d *datadriven.TestData, client string) (string, kafka.Version) {
	name, v, err := ParseClient(client)
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	return name, v
}

func brokerVersion(t *testing.T, d *datadriven.TestData, text string) kafka.Version {
	var major, minor, patch int32
	if n, _ := fmt.Sscanf(text, "%d.%d.%d", &major, &minor, &patch); n < 2 {
		d.Fatalf(t, "not a version: %q", text)
	}
	return kafka.V(major, minor, patch)
}

// resolveCase resolves the properties of a case, one a line, positions being
// its lines.
func resolveCase(t *testing.T, d *datadriven.TestData, software string) (Set, []Problem) {
	var given []Property
	for i, line := range strings.Split(d.Input, "\n") {
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			d.Fatalf(t, "not a property: %q", line)
		}
		given = append(given, Property{Key: key, Value: value, Pos: diag.Pos{Line: i + 1, Col: 1},
			ValuePos: diag.Pos{Line: i + 1, Col: len(key) + 2}})
	}
	switch d.Cmd {
	case "consumer":
		name, v := mustParse(t, d, software)
		return Consumer(name, v, given)
	case "producer":
		return Producer(brokerVersion(t, d, software), given)
	case "broker":
		return Broker(brokerVersion(t, d, software), given)
	case "topic":
		return Topic(brokerVersion(t, d, software), given)
	case "group":
		v := brokerVersion(t, d, software)
		broker, _ := Broker(v, nil)
		return GroupSide(v, given, broker)
	}
	d.Fatalf(t, "unknown command %q", d.Cmd)
	return Set{}, nil
}

// transcript prints the problems, and every value that is not the default.
func transcript(s Set, problems []Problem) string {
	var b strings.Builder
	for _, p := range problems {
		severity, place := "error", p.Property.Key
		if p.Severity == diag.Warning {
			severity = "warning"
		}
		if p.OfValue {
			place = "value of " + place
		}
		fmt.Fprintf(&b, "%s at %s: %s\n", severity, place, p.Message)
		if p.Hint != "" {
			fmt.Fprintf(&b, "  (%s)\n", p.Hint)
		}
	}
	defaults, _ := s.catalogue.resolve(s.version, nil)
	rows := slices.DeleteFunc(s.Rows(), func(r Row) bool { return s.String(r.Name) == defaults.String(r.Name) })
	for _, r := range rows {
		fmt.Fprintf(&b, "%s = %s\n", r.Name, r.Value)
	}
	if b.Len() == 0 {
		return "defaults\n"
	}
	return b.String()
}
