package scenario

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"ksim/internal/golden"
)

// TestSchemaIsCurrent keeps the file that editors use equal to the tables that
// check files.
func TestSchemaIsCurrent(t *testing.T) {
	golden.File(t, "../../schema/ksim.schema.json", string(Schema()))
}

// TestSchemaAcceptsGoodFiles and rejects what is wrong in form: an editor must
// neither underline what runs nor miss a misspelt key.
func TestSchemaAcceptsGoodFiles(t *testing.T) {
	v := newValidator(t)
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if why := v.validate(v.schema, decoded(t, string(src)), ""); why != "" {
			t.Errorf("%s: %s", file, why)
		}
	}
}

func TestSchemaRejects(t *testing.T) {
	v := newValidator(t)
	for _, part := range []string{
		"titel: x",
		"duration: 90",
		"duration: 5x",
		"seed: -1",
		"topics: [events]",
		"cluster: {brokers: none}",
		"producers: [{topic: events}]",
		"producers: [{topic: events, rate: 5}]",
		"groups: []",
		"groups: [{id: g, members: {}}]",
		"groups: [{id: g, members: 1, app: {model: sequentail}}]",
		"groups: [{id: g, members: 1, app: {model: sequential, flush-age: 1s}}]",
		"groups: [{id: g, members: 1, app: {proces: 1ms}}]",
		"groups: [{id: g, members: 1, app: {model: sequential, process: {normal: [1ms]}}}]",
		"groups: [{id: g, members: 1, config: {a: {b: c}}}]",
		"timeline: [{at: 1s}]",
		"timeline: [{at: 1s, stop: A, start: B}]",
		"timeline: [{at: 1s, freeze: A}]",
		"expect: [{event: log, mmeber: A}]",
		"expect: [{owner: events}]",
		"narration: [{say: x}]",
	} {
		if v.validate(v.schema, decoded(t, completed(part+"\n")), "") == "" {
			t.Errorf("accepted: %s", part)
		}
	}
}

// TestSchemaDescribesEveryKey: an editor shows the description at the key.
func TestSchemaDescribesEveryKey(t *testing.T) {
	v := newValidator(t)
	for name, d := range v.schema["definitions"].(map[string]any) {
		properties, _ := d.(map[string]any)["properties"].(map[string]any)
		for key, p := range properties {
			if p.(map[string]any)["description"] == "" || p.(map[string]any)["description"] == nil {
				t.Errorf("%s.%s has no description", name, key)
			}
		}
	}
}

func decoded(t *testing.T, src string) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(src), &value); err != nil {
		t.Fatal(err)
	}
	// Through JSON, for its types.
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// validator checks values against the part of JSON schema that Schema uses.
type validator struct {
	t      *testing.T
	schema map[string]any
}

func newValidator(t *testing.T) *validator {
	v := &validator{t: t}
	if err := json.Unmarshal(Schema(), &v.schema); err != nil {
		t.Fatal(err)
	}
	return v
}

// validate says why a value does not fit, "" when it does.
func (v *validator) validate(schema map[string]any, value any, at string) string {
	for word, arg := range schema {
		if why := v.keyword(schema, word, arg, value, at); why != "" {
			return why
		}
	}
	return ""
}

func (v *validator) keyword(schema map[string]any, word string, arg, value any, at string) string {
	object, _ := value.(map[string]any)
	list, isList := value.([]any)
	number, isNumber := value.(float64)
	fail := func(ok bool) string {
		if ok {
			return ""
		}
		return fmt.Sprintf("%s: %v does not fit %s %v", at, value, word, arg)
	}
	switch word {
	case "$schema", "title", "description", "definitions", "then":
		return ""
	case "$ref":
		name := strings.TrimPrefix(arg.(string), "#/definitions/")
		return v.validate(v.schema["definitions"].(map[string]any)[name].(map[string]any), value, at)
	case "type":
		return fail(hasType(arg, value))
	case "enum":
		return fail(slices.ContainsFunc(arg.([]any), func(a any) bool { return reflect.DeepEqual(a, value) }))
	case "const":
		return fail(reflect.DeepEqual(arg, value))
	case "pattern":
		text, isText := value.(string)
		return fail(!isText || regexp.MustCompile(arg.(string)).MatchString(text))
	case "minimum":
		return fail(!isNumber || number >= arg.(float64))
	case "maximum":
		return fail(!isNumber || number <= arg.(float64))
	case "exclusiveMinimum":
		return fail(!isNumber || number > arg.(float64))
	case "minItems":
		return fail(!isList || len(list) >= int(arg.(float64)))
	case "maxItems":
		return fail(!isList || len(list) <= int(arg.(float64)))
	case "minProperties":
		return fail(object == nil || len(object) >= int(arg.(float64)))
	case "required":
		return fail(object == nil || !slices.ContainsFunc(arg.([]any), func(k any) bool { _, ok := object[k.(string)]; return !ok }))
	}
	return v.applicator(schema, word, arg, value, at)
}

// applicator is a keyword that applies schemas to the value or its parts.
func (v *validator) applicator(schema map[string]any, word string, arg, value any, at string) string {
	object, _ := value.(map[string]any)
	list, _ := value.([]any)
	switch word {
	case "properties":
		for key, s := range arg.(map[string]any) {
			if member, ok := object[key]; ok {
				if why := v.validate(s.(map[string]any), member, at+"."+key); why != "" {
					return why
				}
			}
		}
	case "additionalProperties":
		known, _ := schema["properties"].(map[string]any)
		for key, member := range object {
			if _, ok := known[key]; ok {
				continue
			}
			if arg == false {
				return at + " has unknown key " + key
			}
			if why := v.validate(arg.(map[string]any), member, at+"."+key); why != "" {
				return why
			}
		}
	case "propertyNames":
		for key := range object {
			if why := v.validate(arg.(map[string]any), key, at+" key"); why != "" {
				return why
			}
		}
	case "items":
		for i, item := range list {
			if why := v.validate(arg.(map[string]any), item, fmt.Sprintf("%s[%d]", at, i)); why != "" {
				return why
			}
		}
	case "if":
		if v.validate(arg.(map[string]any), value, at) == "" {
			return v.validate(schema["then"].(map[string]any), value, at)
		}
	case "allOf", "anyOf", "oneOf":
		return v.several(word, arg.([]any), value, at)
	default:
		v.t.Fatalf("the test does not know %s", word)
	}
	return ""
}

func (v *validator) several(word string, schemas []any, value any, at string) string {
	var whys []string
	for _, s := range schemas {
		if why := v.validate(s.(map[string]any), value, at); why != "" {
			whys = append(whys, why)
		}
	}
	fit := len(schemas) - len(whys)
	if word == "allOf" && len(whys) == 0 || word == "anyOf" && fit > 0 || word == "oneOf" && fit == 1 {
		return ""
	}
	return fmt.Sprintf("%s: %d of %s fit: %s", at, fit, word, strings.Join(whys, "; "))
}

func hasType(arg, value any) bool {
	names, several := arg.([]any)
	if !several {
		names = []any{arg}
	}
	for _, name := range names {
		ok := false
		switch v := value.(type) {
		case nil:
			ok = name == "null"
		case bool:
			ok = name == "boolean"
		case string:
			ok = name == "string"
		case float64:
			ok = name == "number" || name == "integer" && v == float64(int64(v)) || name == "integer" && v >= 1<<63
		case []any:
			ok = name == "array"
		case map[string]any:
			ok = name == "object"
		}
		if ok {
			return true
		}
	}
	return false
}
