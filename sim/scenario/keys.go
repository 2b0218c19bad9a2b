package scenario

import (
	"regexp"
	"strings"
)

// The keys of a scenario file. These tables are the only place that
// knows them: they check files and make the schema for editors.

// Limits on how much a file may hold.
const (
	MaxBrokers    = 100
	MaxPartitions = 100_000 // of all topics together, added ones too
	MaxMembers    = 20_000  // of all groups together
	maxReplicas   = 100
)

var (
	kebab = name{"a kebab-case name", regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`),
		"lower-case letters and digits with single dashes between them"}
	topicName = name{"a topic's name", regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`),
		"at most 249 ASCII letters and digits, '.', '_' and '-'"}
	plainName = name{"a name", regexp.MustCompile(`^[^\s"':,{}\[\]]{1,100}$`),
		"without blanks, quotes, colons, commas and brackets, at most 100 characters"}
	groupID = name{"a group id", regexp.MustCompile(`^\S(.{0,253}\S)?$`),
		"at most 255 characters, no blanks at its ends"}
	partitionName = name{"a partition", regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}-[0-9]{1,6}$`),
		"a topic, a dash and a number, such as events-3"}
	versionName = name{"a version", regexp.MustCompile(`^[0-9]{1,2}\.[0-9]{1,3}(\.[0-9]{1,3})?$`),
		`major and minor number, such as "4.3"`}
)

var scenarioObject = &object{name: "scenario", doc: "A ksim scenario.", keys: []key{
	{"ksim", integer{1, 1}, "The format version: 1.", true},
	{"name", kebab, "Kebab-case name. Default: the file's base name.", false},
	{"title", text{oneLine: true}, "One line.", false},
	{"story", text{}, "A few paragraphs of markdown: what to watch and why.", false},
	{"seed", seed{}, "Every random draw comes from it. Default: 1.", false},
	{"duration", duration{positive: true}, "Virtual time of the run, at most 30 days.", true},
	{"cluster", clusterObject, "The brokers. Default: one broker.", false},
	{"topics", listOf{of: topicObject}, "The topics at the start; required unless there are only queues.", false},
	{"producers", listOf{of: producerObject}, "Who writes records.", false},
	{"groups", listOf{of: groupObject, least: 1}, "The consumer groups.", true},
	{"queues", listOf{of: queueObject}, "SQS queues.", false},
	{"timeline", listOf{of: timelineChoice}, "What is done to the system, and when.", false},
	{"narration", listOf{of: narrationChoice}, "What is said to the audience, and when.", false},
	{"expect", listOf{of: expectChoice}, "What must hold; makes the file a regression test.", false},
}}

var clusterObject = &object{name: "cluster", doc: "The brokers and the network.", keys: []key{
	{"brokers", integer{1, MaxBrokers}, "How many brokers. Default: 1.", false},
	{"version", versionName, "The brokers' Kafka version, 0.10 to 4.3: decides defaults and behaviour. Default: 4.3.", false},
	{"config", properties{}, "Broker properties.", false},
	{"latency", duration{}, "One way between client and broker. Default: 1ms.", false},
}}

var topicObject = &object{name: "topic", doc: "A topic.", keys: []key{
	{"name", topicName, "The topic's name.", true},
	{"partitions", integer{1, MaxPartitions}, "How many partitions. Default: the brokers' num.partitions, 1.", false},
	{"replication-factor", integer{1, maxReplicas}, "How many replicas. Default: the brokers' default.replication.factor, 1.", false},
	{"config", properties{}, "Topic properties.", false},
}}

var producerObject = &object{name: "producer", doc: "Writes records of one size at a rate.", keys: []key{
	{"name", plainName, "Default: the topic's or queue's name.", false},
	{"topic", topicName, "The topic it writes to.", false},
	{"queue", plainName, "The queue it sends to, instead of a topic.", false},
	{"rate", rateShape{}, "Records a second, minute or hour: 100/s. Record k = 1, 2, … is in the log at from + k/rate.", true},
	{"size", size{}, "Bytes a record. Default: 100.", false},
	{"from", duration{}, "Default: 0s.", false},
	{"to", duration{}, "Default: the end of the run.", false},
	{"keys", keysShape, "Record keys: a list in turn, a map of weights, or {count: 1000, zipf: 1.1}. Default: none.", false},
	{"partitioner", word{"producer.partitioner", []string{"murmur2", "crc32", "round-robin", "sticky"}}, "Default with keys: murmur2.", false},
	{"config", properties{}, "Producer properties.", false},
}}

// keysShape is a list of keys in turn, or a map: weights by key, or zipfObject.
var keysShape = byKind{list: listOf{of: text{}, least: 1}, mapping: keyWeights{}, expected: "a list of keys, or a map of weights"}

// keyWeights is a map of weights by key, or zipfObject.
type keyWeights struct{}

var weights = mapOf{of: integer{1, 1_000_000}, least: 1}

func (keyWeights) check(l *loader, n *node, at string) {
	if n.field("zipf") != nil {
		zipfObject.check(l, n, at)
		return
	}
	weights.check(l, n, at)
}

func (keyWeights) schema() map[string]any { return anyOf(weights.schema(), zipfObject.schema()) }

var zipfObject = &object{name: "zipf", doc: "Keys key-0, key-1, … drawn by Zipf's law.", keys: []key{
	{"count", integer{1, 1_000_000}, "How many keys.", true},
	{"zipf", number{}, "The exponent.", true},
}}

var queueObject = &object{name: "queue", doc: "An SQS queue.", keys: []key{
	{"name", plainName, "The queue's name.", true},
	{"visibility-timeout", duration{}, "How long a received message is hidden, at most 12h. Default: 30s.", false},
	{"max-receive-count", integer{1, 1000}, "Receives before the dead-letter queue. Default: 10.", false},
	{"dead-letter", plainName, "The dead-letter queue's name.", false},
	{"delay", duration{}, "How long a message waits before it can be received, at most 15m. Default: 0s.", false},
	{"fifo", boolean{}, "In order within a group of messages, and without duplicates within 5 minutes. Default: false.", false},
	{"false-empty", integer{0, 100}, "Of a hundred short polls of a standard queue, how many find nothing though there is something: SQS asks a sample of its servers, and does not say how often that misses. Default: 0.", false},
	{"stale-delete", word{"queue.stale-delete", []string{"ignored", "deletes"}}, "What a standard queue does when a message is deleted by a handle from before its latest receive. Default: ignored.", false},
}}

var groupObject = &object{name: "group", doc: "A consumer group.", keys: []key{
	{"id", groupID, "The group.id.", true},
	{"type", word{"group.type", []string{"consumer", "share"}}, "consumer, or share: a share group (KIP-932), whose members share partitions; client java 4.1 or newer. Default: consumer.", false},
	{"client", text{}, "Profile or profile@version: java, java@4.1, librdkafka@2.10, …", false},
	{"topics", listOf{of: topicName, least: 1}, "The topics that its members subscribe to.", false},
	{"config", properties{}, "Client properties, with their real names and bare values.", false},
	{"group-config", properties{}, "Broker-side group properties (consumer protocol, share groups).", false},
	{"app", appShape{}, "What the application does. Default: {model: sequential, process: 0s, commit: auto}.", false},
	{"members", membersShape, "A number (3 makes A, B, C), names, or maps.", true},
}}

// membersShape is 3, or a list of names and of maps.
var membersShape = byKind{
	scalar:   memberCount{integer{1, MaxMembers}},
	list:     memberList,
	expected: membersExpected,
}

const membersExpected = "a number, or a list of names or maps"

var memberList = listOf{of: byKind{scalar: plainName, mapping: memberObject, expected: "a name or a map"}, least: 1}

// memberCount is how many members there are; a lone name is told that names
// come in a list.
type memberCount struct{ integer }

func (s memberCount) check(l *loader, n *node, at string) {
	if !plainName.form.MatchString(n.text) || strings.ContainsAny(n.text[:1], "+-.0123456789") {
		s.integer.check(l, n, at)
		return
	}
	l.reject(n, memberList.listHint(n), "%s is %s: expected %s", at, n.describe(), membersExpected)
}

var memberObject = &object{name: "member", doc: "A consumer; what it says goes over what its group says.", keys: []key{
	{"name", plainName, "Unique in the file; also the client.id.", true},
	{"start", duration{}, "When it subscribes. Default: 0s.", false},
	{"client", text{}, "Instead of the group's client.", false},
	{"config", properties{}, "Over the group's config.", false},
	{"app", appShape{}, "Over the group's app.", false},
}}

// atKey is the key that every timeline entry has.
var atKey = key{"at", duration{}, "When, from the start of the run.", true}

// action is an entry of the timeline whose first key is the action.
func action(keys ...key) *object {
	return &object{name: "timeline-" + keys[0].name, doc: keys[0].doc, keys: append(keys, atKey)}
}

var timelineChoice = &choice{name: "timeline", lead: "action",
	doc: "One thing that is done to the system.",
	variants: []*object{
		action(key{"start", plainName, "A member's process starts (again).", true}),
		action(key{"stop", plainName, "A member is closed gracefully.", true}),
		action(key{"crash", plainName, "A member is killed: no leave.", true}),
		action(key{"freeze", plainName, "A member's whole process stops, heartbeats too.", true}, forKey),
		action(key{"slow", mapOf{duration{positive: true}, 1}, "{B: 18s}: the next record that B takes needs 18 s.", true}),
		action(key{"isolate", plainName, "A member's packets are dropped both ways.", true}, forKey),
		action(key{"fail-broker", integer{1, MaxBrokers}, "A broker is down.", true}, forKey),
		action(key{"add-partitions", mapOf{integer{2, MaxPartitions}, 1}, "{events: 6}: the topic's new total.", true}),
		action(key{"rate", mapOf{rateShape{}, 1}, "{web: 0/s}: a producer's new rate.", true}),
		action(key{"rolling-restart", rollingObject, "The members are restarted one after the other.", true}),
	}}

var forKey = key{"for", duration{positive: true}, "How long.", true}

var rollingObject = &object{name: "rolling-restart", doc: "Restarts the members of a group in turn.", keys: []key{
	{"group", groupID, "Whose members.", true},
	{"down", duration{}, "How long each is down.", true},
	{"every", duration{positive: true}, "From one member to the next.", true},
}}

var narrationChoice = &choice{name: "narration", lead: "moment", doc: "What is said at a time or an event.",
	variants: []*object{
		{name: "narration-at", doc: "Said at a time.", keys: append([]key{atKey}, spokenKeys...)},
		{name: "narration-on", doc: "Said at each event of a type.", open: eventFieldNames,
			keys: append([]key{{"on", text{}, "A type of event.", true}}, spokenKeys...)},
	}}

var spokenKeys = []key{
	{"say", text{}, "What to tell.", false},
	{"ask", text{}, "What to ask the audience, before it happens.", false},
	{"choices", listOf{of: text{}, least: 2, most: 9}, "Answers to ask, of which the audience chooses one.", false},
	{"answer", text{}, "The right answer to ask: one of the choices, or what may be typed.", false},
	{"note", text{}, "For the speaker only.", false},
	{"chapter", text{}, "Begins a chapter of this name. Without any, each entry that says something begins one.", false},
}
