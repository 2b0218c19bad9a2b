package scenario

import (
	"strings"

	"ksim/sim/diag"
)

// appShape is an `app`. Which keys it may have depends on its model, which a
// member may take from its group: the keys are checked when the two are merged.
type appShape struct{}

func (appShape) check(l *loader, n *node, at string) {
	if n.kind != isMap {
		l.reject(n, "", "%s is %s: expected a map such as {model: sequential, process: 1ms}", at, n.describe())
		return
	}
	if m := n.get("model"); m != nil && l.scalar(m, at+".model", "one of "+strings.Join(modelNames(), ", ")) && modelNamed(m.text) == nil {
		expected, hint := diag.Expected(m.text, modelNames())
		l.reject(m, hint, "there is no model %s: %s", m.describe(), expected)
	}
	if f := n.field("model"); f != nil && f.value.kind == isNull {
		l.rejectAt(f.value, f.place, "", "%s.model has no value", at)
	}
	for i := range n.fields {
		f := &n.fields[i]
		if diag.Nearest(f.key, []string{"model"}) != "" && len(modelsWith(f.key)) == 0 {
			n.meant = append(n.meant, "model")
			l.rejectAt(f.value, f.place, `did you mean "model"?`, "unknown key %q in %s: expected model and the model's keys", shorten(f.key), at)
		}
	}
}

// modelOf gives the model of an app, nil when it is unknown.
func modelOf(app *node) *object {
	if app.unsure("model") {
		return nil
	}
	if m := app.get("model"); m != nil {
		return modelNamed(m.text)
	}
	return models[0]
}

// needsKafka tells whether the model has a consumer.
func needsKafka(model *object) bool { return model.key("poll-timeout") != nil }

// mergedApp puts a member's app over its group's and checks the result; nil for
// an app and its model that the file does not give or that are unknown. When the
// member names another model, the group's keys that this model does not have
// stay the group's.
func (l *loader) mergedApp(group, member *node) (app *node, model *object) {
	model = modelOf(group)
	if member.has("model") {
		model = modelOf(member)
		if model != nil && model != modelOf(group) {
			group = only(model, group)
		}
	}
	if model == nil {
		return nil, nil
	}
	app = overlaid(model, group, member)
	if app != nil {
		l.checkApp(model, app)
	}
	return app, model
}

// only is a map with those entries alone that a model has.
func only(model *object, n *node) *node {
	if n == nil {
		return nil
	}
	kept := &node{kind: isMap, place: n.place, bad: n.bad}
	for _, f := range n.fields {
		if f.key != "model" && model.key(f.key) != nil {
			kept.fields = append(kept.fields, f)
		}
	}
	return kept
}

// checkApp checks the keys of an app. A key of another model is told so.
func (l *loader) checkApp(model *object, n *node) {
	known := &node{kind: isMap, place: n.place}
	foreign := false
	for i := range n.fields {
		f := &n.fields[i]
		if model.key(f.key) != nil {
			known.fields = append(known.fields, *f)
			continue
		}
		if others := modelsWith(f.key); len(others) > 0 {
			if n.field("model") != nil {
				l.rejectAt(f.value, f.place, "", "model %q has no key %q: it belongs to %s", modelName(model), f.key, strings.Join(others, ", "))
			} else if !foreign { // without a model one such key says that it is missing
				l.rejectAt(f.value, f.place, "add model: "+others[0], "model %q has no key %q: it belongs to %s", modelName(model), f.key, strings.Join(others, ", "))
			}
			foreign = true
			continue
		}
		expected, hint := diag.Expected(f.key, model.names())
		n.meant = append(n.meant, diag.Nearest(f.key, model.names()))
		l.rejectAt(f.value, f.place, hint, "unknown key %q for model %q: %s", shorten(f.key), modelName(model), expected)
	}
	model.check(l, known, "app")
}

// modelsWith names the models that have a key.
func modelsWith(key string) []string {
	var names []string
	for _, m := range models {
		if m.key(key) != nil {
			names = append(names, modelName(m))
		}
	}
	return names
}

// checkNames checks that the topics and queues exist that an app names.
func (l *loader) checkNames(model *object, n *node) {
	if q := n.usable("queue"); q != nil {
		// worker-queue's `queue` is a length, not a name.
		if _, named := model.key("queue").is.(name); named {
			l.find(&l.queues, q.place, q.text)
		}
	}
	if t := n.usable("output-topic"); t != nil {
		l.find(&l.topics, t.place, t.text)
	}
	for _, f := range n.usable("routes").entries() {
		l.find(&l.topics, f.place, f.key)
	}
}

// clientCommits tells whether the client does by itself what the app asks for: run()
// of kafkajs commits after each batch.
func clientCommits(client Client, a App) bool {
	return client.Profile == "kafkajs" && a.Model == Sequential && (a.Commit == CommitBatch || a.Commit == CommitAuto)
}

// commitsItself tells whether an app commits by its own calls, so that the
// client's auto-commit is off unless asked for.
func commitsItself(model *object, app *node) bool {
	if c := app.usable("commit"); c != nil {
		return c.text != "auto"
	}
	k := model.key("commit")
	return k == nil || k.is.(word).words[0] != "auto"
}

func (appShape) schema() map[string]any { return reference("app") }
