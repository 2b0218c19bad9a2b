package scenario

import (
	"encoding/json"
	"slices"
)

// Schema is the JSON schema of scenario files for editors, made from the same
// tables that check files. What a schema cannot say (names that must exist,
// properties of a client's version) it leaves to Load.
func Schema() []byte {
	definitions := map[string]any{}
	define(scenarioObject, definitions)
	top := definitions[scenarioObject.name].(map[string]any)
	delete(definitions, scenarioObject.name)
	top["$schema"] = "http://json-schema.org/draft-07/schema#"
	top["title"] = "ksim scenario"
	top["definitions"] = definitions
	text, err := json.MarshalIndent(top, "", "  ")
	if err != nil { // maps of strings and numbers always encode
		panic(err)
	}
	return append(text, '\n')
}

// reference is the schema of what define has defined.
func reference(name string) map[string]any {
	return map[string]any{"$ref": "#/definitions/" + name}
}

// define adds the objects within a shape to the definitions.
func define(s shape, into map[string]any) {
	switch s := s.(type) {
	case *object:
		if into[s.name] != nil {
			return
		}
		into[s.name] = s.definition()
		for _, k := range s.keys {
			define(k.is, into)
		}
	case *choice:
		if into[s.name] != nil {
			return
		}
		forms := make([]any, len(s.variants))
		for i, v := range s.variants {
			forms[i] = v.schema()
		}
		into[s.name] = map[string]any{"description": s.doc, "type": "object", "oneOf": forms}
		for _, v := range s.variants {
			define(v, into)
		}
	case listOf:
		define(s.of, into)
	case mapOf:
		define(s.of, into)
	case byKind:
		for _, of := range []shape{s.list, s.mapping} {
			if of != nil {
				define(of, into)
			}
		}
	case keyWeights:
		define(zipfObject, into)
	case distShape:
		define(distForms, into)
	case appShape:
		into["app"] = appDefinition()
		for _, m := range models {
			define(m, into)
		}
	}
}

// definition is the schema of an object itself.
func (o *object) definition() map[string]any {
	known := map[string]any{}
	for _, name := range o.open {
		known[name] = map[string]any{"description": "A field of the event that must be equal; text is a part of it."}
	}
	var required []string
	for _, k := range o.keys {
		known[k.name] = k.definition()
		if k.required {
			required = append(required, k.name)
		}
	}
	d := map[string]any{"description": o.doc, "type": "object", "properties": known, "additionalProperties": false}
	if len(required) > 0 {
		d["required"] = required
	}
	return d
}

// definition is the schema of a key's value with its description, which stands
// outside a reference: beside one it would not count.
func (k *key) definition() map[string]any {
	d := k.is.schema()
	if d["$ref"] != nil {
		d = map[string]any{"allOf": []any{d}}
	}
	d["description"] = k.doc
	return d
}

// appDefinition takes the keys of the model that the app names; without a model
// (a member's own part of an app) those of any.
func appDefinition() map[string]any {
	var keys []string
	var conditions []any
	for _, m := range models {
		for _, k := range m.names() {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
		conditions = append(conditions, map[string]any{
			"if":   map[string]any{"required": []string{"model"}, "properties": map[string]any{"model": map[string]any{"const": modelName(m)}}},
			"then": reference(m.name),
		})
	}
	return map[string]any{
		"description":   "What the application does with its consumer.",
		"type":          "object",
		"properties":    map[string]any{"model": map[string]any{"description": "The application model. Default: sequential.", "enum": modelNames()}},
		"propertyNames": map[string]any{"enum": keys},
		"allOf":         conditions,
	}
}
