package scenario

import (
	"slices"

	"ksim/sim/trace"
)

// What events carry, so that an expectation can name it.

// fieldKind is what a field of an event holds.
type fieldKind uint8

const (
	textField fieldKind = iota
	numberField
	partitionsField
	offsetsField
	groupField
	memberField
	brokerField
	queueField
)

// eventField is one field of an event in JSON. words, if any, are all its values.
type eventField struct {
	name  string
	kind  fieldKind
	words []string
}

// eventType is a type of event and its fields.
type eventType struct {
	name   string
	fields []eventField
}

var (
	groupIs       = eventField{name: "group", kind: groupField}
	memberIs      = eventField{name: "member", kind: memberField}
	brokerIs      = eventField{name: "broker", kind: brokerField}
	generationIs  = eventField{name: "generation", kind: numberField}
	partitionsAre = eventField{name: "partitions", kind: partitionsField}
	recordsAre    = eventField{name: "records", kind: numberField}
	textHas       = eventField{name: "text"}
	reasonIs      = eventField{name: "reason"}
	whatIs        = eventField{name: "what"}
	queueIs       = eventField{name: "queue", kind: queueField}
	onQueue       = []eventField{queueIs, {name: "message"}, groupIs, memberIs, {name: "receives", kind: numberField}}
	onDeletion    = append(slices.Clone(onQueue), oneOf("stale", "true", "false"), oneOf("ignored", "true", "false"))
)

// eventTypes is the contract's table, in its order, with the finer detail that
// ksim has behind --detail.
var eventTypes = []eventType{
	{string(trace.GroupRebalancing), []eventField{groupIs, generationIs, oneOf("reason",
		"member-joined", "member-left", "session-timeout", "leader-rejoined", "metadata-changed",
		"static-member-replaced", "partitions-changed", "protocol-changed", "sync-timeout"), memberIs}},
	{string(trace.GroupStabilized), []eventField{groupIs, generationIs, {name: "members", kind: numberField}}},
	{string(trace.GroupEmptied), []eventField{groupIs, generationIs}},
	{string(trace.GroupEpoch), []eventField{groupIs, {name: "epoch", kind: numberField}}},
	{string(trace.MemberLeft), []eventField{groupIs, memberIs, reasonIs}},
	{string(trace.MemberRemoved), []eventField{groupIs, memberIs, oneOf("reason",
		"session-timeout", "rebalance-timeout", "sync-timeout", "revoke-timeout")}},
	{string(trace.MemberFenced), []eventField{groupIs, memberIs}},
	{string(trace.MemberStarted), []eventField{groupIs, memberIs}},
	{string(trace.MemberStopped), []eventField{groupIs, memberIs, {name: "error"}, textHas}},
	{string(trace.MemberCrashed), []eventField{groupIs, memberIs, reasonIs}},
	{string(trace.MemberFrozen), []eventField{groupIs, memberIs}},
	{string(trace.MemberThawed), []eventField{groupIs, memberIs}},
	{string(trace.MemberIsolated), []eventField{groupIs, memberIs}},
	{string(trace.MemberReached), []eventField{groupIs, memberIs}},
	{string(trace.PartitionsAssigned), []eventField{groupIs, memberIs, partitionsAre}},
	{string(trace.PartitionsRevoked), []eventField{groupIs, memberIs, partitionsAre}},
	{string(trace.PartitionsLost), []eventField{groupIs, memberIs, partitionsAre}},
	{string(trace.PollExceeded), []eventField{groupIs, memberIs, textHas}},
	{string(trace.PollFailed), []eventField{groupIs, memberIs, {name: "error"}, textHas}},
	{string(trace.CommitFailed), []eventField{groupIs, memberIs, {name: "error"}, textHas}},
	{string(trace.WorkStarted), []eventField{groupIs, memberIs, whatIs, recordsAre}},
	{string(trace.WorkFinished), []eventField{groupIs, memberIs, whatIs, recordsAre}},
	{string(trace.Offsets), []eventField{groupIs, {name: "committed", kind: offsetsField}, {name: "end", kind: offsetsField}}},
	{string(trace.Processed), []eventField{groupIs, memberIs, recordsAre, {name: "repeated", kind: numberField}}},
	{string(trace.Log), []eventField{groupIs, memberIs, {name: "broker", kind: brokerField},
		oneOf("level", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL"), textHas}},
	{string(trace.CommitDone), []eventField{groupIs, memberIs, {name: "offsets", kind: offsetsField}}},
	{string(trace.AppPoll), []eventField{groupIs, memberIs, recordsAre}},
	{string(trace.AppPaused), []eventField{groupIs, memberIs}},
	{string(trace.AppResumed), []eventField{groupIs, memberIs}},
	{string(trace.AppError), []eventField{groupIs, memberIs, whatIs, partitionsAre}},
	{string(trace.TopicPartitions), []eventField{whatIs}},
	{string(trace.ProducerRate), []eventField{whatIs}},
	{string(trace.BrokerFailed), []eventField{brokerIs}},
	{string(trace.BrokerFenced), []eventField{brokerIs}},
	{string(trace.BrokerReturned), []eventField{brokerIs}},
	{string(trace.PartitionLeader), []eventField{brokerIs, partitionsAre}},
	{string(trace.GroupCoordinator), []eventField{groupIs, brokerIs}},
	{string(trace.RecordsTruncated), []eventField{brokerIs, partitionsAre, recordsAre}},
	{string(trace.RecordsExpired), []eventField{partitionsAre, recordsAre}},
	{string(trace.RecordsDeleted), []eventField{partitionsAre, recordsAre, {name: "start", kind: offsetsField}}},
	{string(trace.NetRequest), netFields},
	{string(trace.NetResponse), netFields},
	{string(trace.TxnInitialized), txnFields},
	{string(trace.TxnBegun), txnFields},
	{string(trace.TxnCommitting), txnFields},
	{string(trace.TxnAborting), txnFields},
	{string(trace.TxnCommitted), txnFields},
	{string(trace.TxnAborted), txnFields},
	{string(trace.QueueSent), onQueue},
	{string(trace.QueueReceived), onQueue},
	{string(trace.QueueExpired), onQueue},
	{string(trace.QueueExtended), append(slices.Clone(onQueue), eventField{name: "timeout"})},
	{string(trace.QueueGivenBack), append(slices.Clone(onQueue), eventField{name: "timeout"})},
	{string(trace.QueueDeleted), onDeletion},
	{string(trace.QueueDeadLettered), append(slices.Clone(onQueue), eventField{name: "to", kind: queueField})},
	{string(trace.QueueDeduplicated), onQueue},
	{string(trace.QueueDiscarded), onQueue},
	{string(trace.QueueDepth), []eventField{queueIs, {name: "visible", kind: numberField}, {name: "in-flight", kind: numberField}, {name: "delayed", kind: numberField}}},
}

var netFields = []eventField{groupIs, memberIs, {name: "broker", kind: brokerField}, whatIs, {name: "error"}}

var txnFields = []eventField{groupIs, memberIs, whatIs, {name: "epoch", kind: numberField}, oneOf("reason", "fenced", "timeout")}

func oneOf(name string, words ...string) eventField { return eventField{name: name, words: words} }

func eventNames() []string {
	names := make([]string, len(eventTypes))
	for i := range eventTypes {
		names[i] = eventTypes[i].name
	}
	return names
}

func eventNamed(name string) *eventType {
	for i := range eventTypes {
		if eventTypes[i].name == name {
			return &eventTypes[i]
		}
	}
	return nil
}

func (t *eventType) field(name string) *eventField {
	for i := range t.fields {
		if t.fields[i].name == name {
			return &t.fields[i]
		}
	}
	return nil
}

func (t *eventType) fieldNames() []string {
	names := make([]string, len(t.fields))
	for i := range t.fields {
		names[i] = t.fields[i].name
	}
	return names
}

// eventFieldNames are the fields of all events: which of them the entry's own
// type has is checked when the type is known.
var eventFieldNames = allEventFields()

func allEventFields() []string {
	var names []string
	for _, t := range eventTypes {
		for _, f := range t.fields {
			if !slices.Contains(names, f.name) {
				names = append(names, f.name)
			}
		}
	}
	return names
}
