// Package scenario reads scenario files. What it hands on is complete and valid;
// whatever is wrong with a file is said here, all at once, with places.
package scenario

import (
	"slices"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/diag"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// Scenario is one file, checked, with every default filled in.
type Scenario struct {
	File     string // as given by the user, for messages
	Name     string
	Title    string
	Story    string
	Seed     uint64
	Duration clock.Duration

	Cluster   Cluster
	Topics    []Topic
	Producers []Producer
	Groups    []Group
	Queues    []Queue
	Timeline  []Action // in file order
	Narration []Narration
	Expect    []Expectation
}

// Cluster is the brokers and the network between them and the clients.
type Cluster struct {
	Brokers int
	Version kafka.Version
	Config  config.Set     // broker properties
	Latency clock.Duration // one way, client to broker
	Pos     diag.Pos
}

// kraft is the first version whose controllers are ready for use without ZooKeeper.
var kraft = kafka.V(3, 3, 0)

// SessionProperty names the broker property that says for how long a silent broker is
// taken for alive: by ZooKeeper, or since KRaft by the controller.
func (c *Cluster) SessionProperty() string {
	if c.Version < kraft {
		return "zookeeper.session.timeout.ms"
	}
	return "broker.session.timeout.ms"
}

// Topic is a topic at the start of the run.
type Topic struct {
	Name       string
	Partitions int32
	Replicas   int
	Config     config.Set
	Pos        diag.Pos
}

// Rate is records per unit of time, exact: Records in Per.
type Rate struct {
	Records int64
	Per     clock.Duration
}

// String prints a rate as files write it, if it is one of whole records a unit.
func (r Rate) String() string {
	n := strconv.FormatInt(r.Records, 10)
	switch r.Per {
	case clock.Second:
		return n + "/s"
	case clock.Minute:
		return n + "/m"
	case clock.Hour:
		return n + "/h"
	}
	return n + " in " + r.Per.String()
}

// Producer writes records of one size at a rate: record k = 1, 2, … is in the
// log at From + k/Rate, up to and at To.
type Producer struct {
	Name  string // the topic's or queue's name when the file gives none
	Topic string // "" when it sends to a queue
	Queue string
	Rate  Rate
	Size  int64 // bytes a record
	From  clock.Time
	To    clock.Time // Never: to the end

	Keys        Keys
	Partitioner Partitioner
	Config      config.Set // of a Java producer as old as the brokers

	Pos diag.Pos
}

// Queue is an SQS queue.
type Queue struct {
	Name         string
	FIFO         bool
	Visibility   clock.Duration
	Delay        clock.Duration
	DeadLetter   string // a queue's name; "" when there is none
	MaxReceives  int    // before the dead-letter queue
	StaleDeletes bool   // stale-delete: deletes
	FalseEmpty   uint64 // of a hundred short polls, those that find nothing whatever there is
	Pos          diag.Pos
}

// Keys are the keys of a producer's records.
type Keys struct {
	Kind     KeysKind
	Names    []string // in turn, weighted
	Weights  []int64  // weighted: of each name
	Count    int64    // zipf: key-0, key-1, …
	Exponent uint64   // zipf: in units of 2⁻³²
}

// KeysKind is how keys are chosen.
type KeysKind uint8

// The forms of the contract.
const (
	NoKeys KeysKind = iota
	KeysInTurn
	KeysWeighted
	KeysZipf
)

// Partitioner is how a record's partition is chosen.
type Partitioner uint8

// The partitioners of the contract; without keys, and unless the file says
// otherwise, records go round.
const (
	RoundRobin Partitioner = iota
	Murmur2
	CRC32
	Sticky
)

// Client is a profile and the version of it, such as java@4.1.
type Client struct {
	Profile string // java, librdkafka, …
	Version kafka.Version
}

// String prints profile@version.
func (c Client) String() string { return c.Profile + "@" + c.Version.String() }

// Group is a consumer group.
type Group struct {
	ID      string
	Share   bool // a share group (KIP-932)
	Topics  []string
	Config  config.Set // what the broker keeps for the group; its own values where nothing is given
	Members []Member
	Pos     diag.Pos
}

// Member is one consumer, with the group's client, config and app already
// merged in (member over group).
type Member struct {
	Name   string
	Start  clock.Time
	Client Client
	Config config.Set
	App    App
	Pos    diag.Pos
}

// Transactional tells whether any member's application has transactions.
func (s *Scenario) Transactional() bool {
	for i := range s.Groups {
		for j := range s.Groups[i].Members {
			if s.Groups[i].Members[j].App.Model == Transactional {
				return true
			}
		}
	}
	return false
}

// ReadsKafka tells whether the member has a consumer: all have but the workers of
// queues.
func (m *Member) ReadsKafka() bool { return m.App.Model != QueueWorker }

// Queues are the queues that a group's workers read, each once.
func (g *Group) Queues() []string {
	var names []string
	for i := range g.Members {
		if m := &g.Members[i]; !m.ReadsKafka() && !slices.Contains(names, m.App.QueueName) {
			names = append(names, m.App.QueueName)
		}
	}
	return names
}

// ConsumerProtocol tells whether the member is one of the consumer protocol (KIP-848),
// whose times are the broker's to set.
func (m *Member) ConsumerProtocol() bool {
	switch m.Client.Profile {
	case "java", "librdkafka":
		return m.Config.String("group.protocol") == "consumer"
	}
	return false
}

// ActionKind is a timeline action.
type ActionKind uint8

// The actions that run.
const (
	ActStart ActionKind = iota
	ActStop
	ActCrash
	ActFreeze
	ActSlow
	ActAddPartitions
	ActRate
	ActIsolate
	ActFailBroker
)

// Action is one entry of the timeline; which fields count depends on Kind. An
// entry of the file that names several members or topics becomes several
// actions, in file order.
type Action struct {
	At       clock.Time
	Kind     ActionKind
	Member   string
	For      clock.Duration // freeze, isolate, fail-broker
	Broker   int32          // fail-broker
	Work     clock.Duration // slow
	Topic    string         // add-partitions
	Total    int32          // add-partitions: the new total
	Producer string         // rate
	Rate     Rate
	Pos      diag.Pos
}

// Field is a key of an event that must equal Value. Value is a string, an
// int64, a []string (partitions) or a []kafka.OffsetCommit (offsets, committed,
// end: sorted, kafka.NoOffset for none), as the event has it in JSON.
type Field struct {
	Name  string
	Value any
}

// Pattern picks events: their type, and fields that must be equal; Text must be
// contained in the event's text.
type Pattern struct {
	Type   trace.Type
	Fields []Field
	Text   string
}

// ExpectKind is a form of expectation.
type ExpectKind uint8

// The forms of the contract.
const (
	ExpectEvent ExpectKind = iota
	ExpectNever
	ExpectCount
	ExpectOrder
	ExpectLag
	ExpectOwner
	ExpectLost
	ExpectRepeated
	ExpectStable
	ExpectProcessed
	ExpectBuffer
	ExpectRefused
)

// Window is a span of virtual time that includes both ends.
type Window struct{ From, To clock.Time }

// Bound is a figure's limits; nil is no limit.
type Bound struct{ Exactly, AtLeast, AtMost *int64 }

// Expectation is one entry of `expect`; which fields count depends on Kind.
type Expectation struct {
	Kind   ExpectKind
	Source string    // the entry as the user wrote it, on one line, for reports
	Match  Pattern   // event, never, count
	Order  []Pattern // order
	Window Window    // between; the whole run by default
	Bound  Bound
	At     clock.Time // samples; the end by default

	// HasWindow tells `lag … between` (holds at each full second) from a sample at At.
	HasWindow bool

	Group     string               // lag, owner, lost ("" all), repeated, stable, processed, buffer
	Member    string               // figures narrowed to a member; "" all
	Partition kafka.TopicPartition // lag (Topic "" when all), owner
	Owner     string               // owner: a member's name, or "none"
	Within    clock.Duration       // stable
	After     clock.Time           // stable
	Buffer    string               // client, app, queue
	Bytes     bool                 // buffer: the bound is in bytes, not records
	Refused   string               // refused

	Pos diag.Pos
}
