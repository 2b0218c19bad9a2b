package scenario

import (
	"strings"

	"ksim/sim/clock"
)

// The keys of the application models.

// models are the contract's models in its order; the first is the default.
var models = []*object{
	kafkaModel("sequential", "Poll, process each record in turn, commit.",
		processKey, commits("auto", "record", "batch", "before", "none"),
		key{"batch", integer{1, noLimit}, "librdkafka: records between commits. Default: 500.", false},
		key{"commit-retries", integer{0, 1000}, "How often a refused commit is tried again, at once. Default: 0.", false},
		key{"drain", boolean{}, "Finish the batch on stop. Default: true.", false},
		key{"handler", word{"app.handler", []string{"select", "range"}}, "sarama: whether ConsumeClaim looks at its session's context too, or only ranges over the messages and so goes through all that are in its channel. Default: select.", false}),
	kafkaModel("buffer-flush", "Buffer; upload when a limit is reached, then commit.",
		processKey,
		key{"flush-records", integer{1, noLimit}, "Upload at this many records. Default: no limit.", false},
		key{"flush-size", size{positive: true}, "Upload at this many bytes. Default: no limit.", false},
		key{"flush-age", duration{positive: true}, "Upload this long after the buffer's first record. Default: no limit.", false},
		key{"age-check", word{"app.age-check", []string{"record", "poll"}}, "When the age is looked at: after each record, or after empty polls too. Default: record.", false},
		key{"upload", distShape{}, "How long an upload takes. Default: 0s.", false},
		key{"upload-mode", word{"app.upload-mode", []string{"blocking", "pool"}}, "In the poll loop, or in a thread pool. Default: blocking.", false},
		key{"workers", integer{1, 10_000}, "pool: threads. Default: 5.", false},
		key{"queue", integer{0, noLimit}, "pool: buffers that may wait. Default: unbounded.", false},
		whenFullKey,
		key{"commit-on", word{"app.commit-on", []string{"submit", "complete", "contiguous"}}, "pool: what is committed when. Default: complete.", false},
		key{"on-revoke", word{"app.on-revoke", []string{"keep", "drop", "flush"}}, "What happens to the buffer when partitions go. Default: keep.", false}),
	kafkaModel("worker-queue", "The poll loop fills a bounded queue; workers process.",
		processKey, commits("record", "contiguous"),
		key{"workers", integer{1, 10_000}, "Default: 4.", false},
		key{"queue", integer{1, noLimit}, "Records that may wait. Default: 2 × workers.", false},
		whenFullKey,
		key{"event-loop", word{"app.event-loop", []string{"separate", "shared"}}, "shared: a synchronous poll inside an asyncio loop. Default: separate.", false},
		key{"hops", integer{0, 1000}, "shared: awaits a record. Default: 1.", false},
		key{"idle-sleep", duration{}, "shared: sleep after an empty poll. Default: 50ms.", false},
		key{"on-error", poisonAction, "The default of poison's action.", false},
		key{"on-revoke", word{"app.on-revoke", []string{"keep", "drop"}}, "What happens to the queue when partitions go. Default: keep.", false}),
	kafkaModel("router", "One handler a topic.",
		key{"routes", mapOf{of: routeObject, least: 1}, "Handlers by topic.", true},
		key{"unknown", word{"app.unknown", []string{"warn-and-commit", "ignore", "crash"}}, "What happens with a topic that has no route. Default: warn-and-commit.", false},
		commits("record", "auto", "batch", "before", "none")),
	kafkaModel("transactional", "Consume, transform, produce, send offsets to the transaction.",
		processKey,
		key{"output-topic", topicName, "Where the results go.", true},
		key{"batch", integer{1, noLimit}, "Records a transaction. Default: each poll.", false},
		key{"producer-config", properties{}, "Properties of the producer, such as transaction.timeout.ms.", false}),
	model("queue-worker", "An SQS polling loop: receive, process, delete.",
		key{"queue", plainName, "The queue that it reads.", true},
		processKey,
		key{"idle-backoff", duration{}, "How long the loop waits when there is no message. Default: 100ms.", false},
		key{"error-backoff", duration{optional: true}, "How long the loop waits after an error; none: an error ends the loop, and not the process. Default: 1s.", false},
		key{"receive-max", integer{1, 10}, "Messages a receive. Default: 1.", false},
		key{"wait-time", duration{}, "Long polling, at most 20s. Default: 0s.", false},
		key{"extend-every", duration{positive: true, optional: true}, "ChangeMessageVisibility at this interval. Default: none.", false}),
	kafkaModel("fan-out", "Consume from Kafka, enqueue tasks, commit.",
		key{"queue", plainName, "The queue that gets the tasks.", true},
		key{"tasks-per-record", integer{1, 100_000}, "Default: 1.", false},
		processKey,
		key{"enqueue", distShape{}, "How long each takes to enqueue. Default: 10ms.", false},
		commits("record", "auto", "batch", "before", "none")),
}

var processKey = key{"process", distShape{}, "How long each record takes. Default: 0s.", false}

// whenFullKey is what a loop does while those who work for it have no room.
var whenFullKey = key{"when-full", word{"app.when-full", []string{"block", "pause", "pause-and-block"}}, "What the loop does while there is no room in the queue (worker-queue) or pool: wait without poll(); pause() its partitions and poll on, whatever poll() has returned already going in beyond the limit, and resume() when there is room; or pause and still not poll. Default: block.", false}

// commits is the key `commit` of a model; the first choice is its default.
func commits(choices ...string) key {
	return key{"commit", word{"app.commit", choices}, "When offsets are committed. Default: " + choices[0] + ".", false}
}

// kafkaModel is a model with a consumer.
func kafkaModel(name, doc string, keys ...key) *object {
	return model(name, doc, append(keys,
		key{"poll-timeout", duration{least: clock.Millisecond}, "How long a poll waits when there is nothing, at least 1ms. Default: 1s.", false})...)
}

// model adds what any model may carry.
func model(name, doc string, keys ...key) *object {
	all := append([]key{{"model", word{"app.model", []string{name}}, "The application model. Default: sequential.", false}}, keys...)
	all = append(all,
		key{"poison", poisonObject, "Records that cannot be processed.", false},
		key{"startup", startupObject, "Waiting for an assignment at the start.", false},
		key{"shutdown", shutdownObject, "How the process ends.", false})
	return &object{name: "app-" + name, doc: doc, keys: all}
}

// modelName is the name that a file gives to a model.
func modelName(o *object) string { return strings.TrimPrefix(o.name, "app-") }

func modelNames() []string {
	names := make([]string, len(models))
	for i, m := range models {
		names[i] = modelName(m)
	}
	return names
}

func modelNamed(name string) *object {
	for _, m := range models {
		if modelName(m) == name {
			return m
		}
	}
	return nil
}

var routeObject = &object{name: "route", doc: "The handler of one topic.", keys: []key{processKey}}

var poisonAction = word{"poison.action", []string{"error-topic", "skip", "retry", "crash"}}

var poisonObject = &object{name: "poison", doc: "Records that cannot be processed.", keys: []key{
	{"every", integer{1, noLimit}, "Records whose offset + 1 is a multiple.", false},
	{"offset", mapOf{integer{0, noLimit}, 1}, "{events-0: 100}: these records.", false},
	{"action", poisonAction, "Default: error-topic.", false},
	{"backoff", duration{}, "retry: pause. Default: 1s.", false},
	{"attempts", integer{1, noLimit}, "retry: then the error topic. Default: no limit.", false},
	{"restart", duration{}, "crash: how long until it starts again. Default: 5s.", false},
}}

var startupObject = &object{name: "startup", doc: "Waiting for an assignment at the start.", keys: []key{
	{"wait-for-assignment", duration{positive: true}, "How long, before the process exits.", true},
	{"discard", boolean{}, "Drop what these polls return. Default: false.", false},
	{"restart", duration{optional: true}, "How long until it starts again. Default: none.", false},
}}

var shutdownObject = &object{name: "shutdown", doc: "How the process ends when it is stopped.", keys: []key{
	{"drain", duration{}, "How long to finish what was taken. Default: 10s.", false},
	{"flush", duration{}, "How long for the producer. Default: 10s.", false},
	{"leave", boolean{}, "Leave the group. Default: true.", false},
	{"kill-after", duration{optional: true}, "Not closed by then: crash. Default: none.", false},
}}
