package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ksim/internal/golden"
)

// referenceParts is the reference in the order in which a file is written. What has a
// hyphen in the schema stands with the part that it is a kind of.
var referenceParts = []struct{ title, of string }{
	{"The file", ""}, {"topics", "topic"}, {"cluster", "cluster"}, {"producers", "producer"}, {"keys of producers", "zipf"},
	{"groups", "group"}, {"members", "member"}, {"app", "app-"}, {"durations that vary", "distribution-"}, {"parts of app", ""},
	{"timeline", "timeline-"}, {"narration", "narration-"}, {"expect", "expect-"}, {"queues", "queue"},
}

// partsOfApp are the maps that keys of an application hold.
var partsOfApp = []string{"poison", "route", "shutdown", "startup", "lognormal", "rolling-restart"}

// TestReference keeps the description of the format, for those who have no editor that
// reads the schema, equal to the schema.
func TestReference(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	all := root["definitions"].(map[string]any)
	var b strings.Builder
	b.WriteString("# The scenario file\n\nEvery key, from the tables that check files (`ksim check`) and from which the schema for editors is made\n" +
		"([schema/ksim.schema.json](../schema/ksim.schema.json)). A key in bold is required. A duration has a unit: 250ms, 30s, 6m, 1h30m.\n" +
		"An event's types and fields are those that `ksim run FILE --format jsonl` prints.\n")
	told := map[string]bool{"app": true, "distribution": true, "timeline": true, "narration": true, "expect": true, "event": true}
	for _, part := range referenceParts {
		fmt.Fprintf(&b, "\n## %s\n", part.title)
		switch {
		case part.title == "The file":
			writeKeys(&b, root)
		case part.title == "parts of app":
			for _, name := range partsOfApp {
				told[name] = true
				writeDefinition(&b, name, all[name].(map[string]any))
			}
		case strings.HasSuffix(part.of, "-"):
			for _, name := range slices.Sorted(maps.Keys(all)) {
				if kind, ok := strings.CutPrefix(name, part.of); ok {
					told[name] = true
					writeDefinition(&b, kind, all[name].(map[string]any))
				}
			}
		default:
			told[part.of] = true
			x := all[part.of].(map[string]any)
			fmt.Fprintf(&b, "\n%s\n", x["description"])
			writeKeys(&b, x)
		}
	}
	for name := range all {
		if !told[name] {
			t.Errorf("%q is in the schema and has no place in the reference", name)
		}
	}
	golden.File(t, "../../docs/scenario.md", b.String())
}

func writeDefinition(b *strings.Builder, name string, x map[string]any) {
	fmt.Fprintf(b, "\n### %s\n\n%s\n", name, x["description"])
	writeKeys(b, x)
}

// ofEvents is what the schema says of a key that stands for a field of an event.
const ofEvents = "A field of the event that must be equal"

// writeKeys prints a map's keys, the fields of events as one.
func writeKeys(b *strings.Builder, x map[string]any) {
	b.WriteString("\n| key | value | |\n|---|---|---|\n")
	keys := x["properties"].(map[string]any)
	required, _ := x["required"].([]any)
	var fields []string
	var meaning any
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		k, _ := keys[name].(map[string]any)
		if says, _ := k["description"].(string); strings.HasPrefix(says, ofEvents) {
			fields, meaning = append(fields, name), says
			continue
		}
		shown := name
		if slices.Contains(required, any(name)) {
			shown = "**" + name + "**"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", shown, valueWords(k), cellText(k["description"]))
	}
	if fields != nil {
		fmt.Fprintf(b, "| %s | | %s |\n", strings.Join(fields, ", "), cellText(meaning))
	}
}

// valueWords says what a key may hold.
func valueWords(k map[string]any) string {
	if names, ok := k["enum"].([]any); ok {
		var s []string
		for _, n := range names {
			s = append(s, fmt.Sprintf("`%v`", n))
		}
		return strings.Join(s, ", ")
	}
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		if of, ok := k[word].([]any); ok {
			var s []string
			for _, x := range of {
				if w := valueWords(x.(map[string]any)); w != "" && !slices.Contains(s, w) {
					s = append(s, w)
				}
			}
			return strings.Join(s, " or ")
		}
	}
	if ref, ok := k["$ref"].(string); ok {
		return strings.TrimPrefix(ref, "#/definitions/")
	}
	if items, ok := k["items"].(map[string]any); ok {
		return strings.TrimSpace("list of " + valueWords(items))
	}
	pattern, _ := k["pattern"].(string)
	switch types := fmt.Sprint(k["type"]); {
	case strings.Contains(pattern, "(h|m|s|ms|us|µs)"):
		return "duration"
	case strings.Contains(types, "object"):
		return "map"
	case strings.Contains(types, "string"):
		return "text"
	case types == "<nil>":
		return ""
	default:
		return types
	}
}

// cellText is a description in a cell of a table.
func cellText(x any) string {
	if x == nil {
		return ""
	}
	return strings.ReplaceAll(fmt.Sprint(x), "|", `\|`)
}
