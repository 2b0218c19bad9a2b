package scenario

import "slices"

// The keys of expectations.

var (
	// windowShape is two times; both ends belong to the window.
	windowShape = listOf{of: duration{}, least: 2, most: 2}
	betweenKey  = key{"between", windowShape, "[from, to], both included. Default: the whole run.", false}
	sampledKey  = key{"at", duration{}, "When, after everything of that millisecond. Default: the end.", false}
	memberKey   = key{"member", plainName, "Only this member.", false}
	figureKeys  = []key{
		{"exactly", integer{0, noLimit}, "The figure itself.", false},
		{"at-least", integer{0, noLimit}, "The smallest figure.", false},
		{"at-most", integer{0, noLimit}, "The largest figure.", false},
	}
	bufferKeys = []key{
		{"exactly", size{}, "Bytes with a unit, records without.", false},
		{"at-least", size{}, "Bytes with a unit, records without.", false},
		{"at-most", size{}, "Bytes with a unit, records without.", false},
	}
)

// expectation is an entry of `expect` whose first key says its form.
func expectation(keys ...[]key) *object {
	return &object{name: "expect-" + keys[0][0].name, doc: keys[0][0].doc, keys: slices.Concat(keys...)}
}

// expectationOfEvents takes the fields of events beside its own keys.
func expectationOfEvents(keys ...[]key) *object {
	o := expectation(keys...)
	o.open = eventFieldNames
	return o
}

var eventObject = &object{name: "event", doc: "An event.", open: eventFieldNames, keys: []key{
	{"event", text{}, "The event's type.", true},
}}

var expectChoice = &choice{name: "expect", lead: "expectation", doc: "One thing that must hold.",
	variants: []*object{
		expectationOfEvents([]key{{"event", text{}, "At least one event of this type in the window.", true}, betweenKey}),
		expectationOfEvents([]key{{"never", text{}, "No event of this type in the window.", true}, betweenKey}),
		expectationOfEvents([]key{{"count", text{}, "How many events of this type in the window.", true}, betweenKey}, figureKeys),
		expectation([]key{{"order", listOf{of: byKind{scalar: text{}, mapping: eventObject, expected: "a type of event or {event: …}"}, least: 1}, "Events that follow one another; others may lie between.", true}}),
		expectation([]key{{"lag", groupID, "Records from the committed offset to the end, of a group.", true}, sampledKey, betweenKey,
			{"member", plainName, "Only what this member owns at that time.", false},
			{"partition", partitionName, "Only this partition.", false}}, figureKeys),
		expectation([]key{{"owner", partitionName, "Who owns a partition.", true},
			{"is", plainName, "A member, or none.", true}, sampledKey, {"group", groupID, "If several groups read it.", false}}),
		expectation([]key{{"lost", text{}, "0 for all groups, or a group with a figure: records committed past and never processed.", true}, sampledKey,
			{"member", plainName, "Refused: what nobody has processed has been lost by a group, not by a member.", false}}, figureKeys),
		expectation([]key{{"repeated", groupID, "Completions of records that the group had completed before.", true}, sampledKey, memberKey}, figureKeys),
		expectation([]key{{"stable", groupID, "No rebalance, and every partition has an owner.", true},
			{"within", duration{}, "How long after `after` it may take. Default: 0s.", false},
			{"after", duration{}, "From when. Default: 0s.", false},
			{"until", duration{}, "Up to when. Default: the end.", false}}),
		expectation([]key{{"processed", groupID, "Distinct records processed by a group.", true}, sampledKey, memberKey}, figureKeys),
		expectation([]key{{"buffer", groupID, "What is buffered in the members of a group.", true},
			{"of", word{"expect.of", []string{"client", "app", "queue"}}, "Which buffer.", true}, sampledKey, memberKey}, bufferKeys),
		expectation([]key{{"refused", text{needed: true}, "The file is refused with these words.", true}}),
	}}
