package scenario

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/diag"
	"ksim/sim/kafka"
)

// kafkaReleases are the minor releases of Apache Kafka that a broker can be, by
// major version: the first and the last.
var kafkaReleases = []struct{ major, first, last int32 }{
	{0, 10, 11}, {1, 0, 1}, {2, 0, 8}, {3, 0, 9}, {4, 0, 3},
}

var newestBroker = kafka.V(4, 3, 0)

// parseVersion reads major.minor or major.minor.patch, the form of which has
// been checked, and tells whether Kafka has had such a release.
func parseVersion(text string) (kafka.Version, bool) {
	var part [3]int32
	for i, s := range strings.SplitN(text, ".", len(part)) {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return 0, false
		}
		part[i] = int32(n)
	}
	for _, r := range kafkaReleases {
		if r.major == part[0] && r.first <= part[1] && part[1] <= r.last {
			return kafka.V(part[0], part[1], part[2]), true
		}
	}
	return 0, false
}

// cluster reads `cluster`.
func (l *loader) cluster(root *node) {
	c, n := &l.s.Cluster, root.get("cluster")
	c.Pos = root.place.pos
	if n != nil {
		c.Pos = n.place.pos
	}
	c.Brokers = int(l.number(n, "brokers", 1))
	if n.unsure("brokers") || root.misspells("cluster") || !n.has("brokers") && n.anyBadField() {
		c.Brokers = MaxBrokers // no broker that is named is reported as missing
	}
	c.Latency = clock.Duration(l.number(n, "latency", int64(clock.Millisecond)))
	c.Version = newestBroker
	if v := n.usable("version"); v != nil {
		known := false
		if c.Version, known = parseVersion(v.text); !known {
			c.Version = newestBroker
			l.reject(v, "", "cluster.version: there is no Kafka %s: expected 0.10, 0.11, 1.0, 1.1, 2.0 to 2.8, 3.0 to 3.9 or 4.0 to 4.3", v.text)
		}
	}
	var problems []config.Problem
	l.brokerConfig = n.usable("config")
	c.Config, problems = config.Broker(c.Version, l.given(l.brokerConfig))
	l.brokerUnsure = n.unsure("version") || n.unsure("config") || root.misspells("cluster") ||
		slices.ContainsFunc(problems, isError) || l.brokerConfig.anyBadField()
	if !n.unsure("version") {
		l.problems(l.brokerConfig, problems)
	}
	l.limitInternalTopics()
}

// limitInternalTopics refuses more partitions of the brokers' own topics than all
// others may have together: they are laid out too.
func (l *loader) limitInternalTopics() {
	for _, name := range []string{"offsets.topic.num.partitions", "transaction.state.log.num.partitions"} {
		if n := l.brokerConfig.get(name); n != nil && l.s.Cluster.Config.Int(name) > MaxPartitions {
			l.errorAt(n.place, "", "%s is %s: expected at most %d, which is what ksim can run", name, n.text, MaxPartitions)
		}
	}
}

// readTopics reads `topics`.
func (l *loader) readTopics(root *node) {
	l.topics.what = "topic"
	n := root.get("topics")
	if n == nil || n.kind == isList && len(n.items) == 0 {
		if len(l.queues.names) == 0 && !l.queues.unsure {
			l.lacksTopics(root)
		}
		return
	}
	l.topics.unsure = n.bad
	total := int64(0)
	for _, t := range n.items {
		if t.usable("name") == nil {
			l.topics.unsure = true
			continue
		}
		total += l.number(t, "partitions", l.s.Cluster.Config.Int("num.partitions"))
		if total > MaxPartitions {
			l.errorAt(t.place, "", "the topics have more than %d partitions together", MaxPartitions)
			total = 0
		}
		l.readTopic(t)
	}
}

// lacksTopics reports that there are no topics, where they should stand.
func (l *loader) lacksTopics(root *node) {
	l.topics.unsure = true
	const why = "only a scenario with queues does without"
	switch f := root.field("topics"); {
	case f != nil && f.value.kind == isNull:
		l.errorAt(f.place, "", "topics has no value: %s", why)
	case f != nil:
		l.errorAt(f.value.place, "", "topics is an empty list: %s", why)
	case !root.has("topics"):
		l.errorAt(root.place, "", "the scenario lacks topics: %s", why)
	}
}

// unknownPartitions is the number of a topic's partitions when the file has it
// wrong.
const unknownPartitions = -1

// topicEffects are the topic properties that ksim's brokers act on.
var topicEffects = map[string]bool{
	"retention.ms": true, "retention.bytes": true, "segment.ms": true, "segment.bytes": true, "cleanup.policy": true,
	"min.insync.replicas": true, "unclean.leader.election.enable": true,
}

func (l *loader) readTopic(n *node) {
	t := Topic{
		Name:       n.usable("name").text,
		Partitions: int32(l.number(n, "partitions", l.s.Cluster.Config.Int("num.partitions"))),
		Replicas:   int(l.number(n, "replication-factor", max(1, l.s.Cluster.Config.Int("default.replication.factor")))),
		Pos:        n.place.pos,
	}
	if t.Name == "." || t.Name == ".." {
		l.reject(n.get("name"), "", "a topic cannot be called %q", t.Name)
	}
	if !l.topics.add(t.Name) {
		l.reject(n.get("name"), "", "a topic is called %q already", t.Name)
		return
	}
	if t.Replicas > l.s.Cluster.Brokers {
		where := n.place
		if f := n.field("replication-factor"); f != nil {
			where = f.value.place
		}
		l.errorAt(where, "", "replication-factor %d is larger than the number of brokers, %d", t.Replicas, l.s.Cluster.Brokers)
	}
	given := n.usable("config")
	var problems []config.Problem
	t.Config, problems = config.Topic(l.s.Cluster.Version, l.given(given))
	l.problems(given, problems)
	for _, p := range given.entries() {
		if !p.value.bad && !isRefused(problems, p.key) && !topicEffects[p.key] {
			l.warnAt(p.place, "", "the topic property %s changes nothing here: ksim has no clients or brokers that differ by it", p.key)
		}
	}
	l.s.Topics = append(l.s.Topics, t)
	most := t.Partitions
	if n.unsure("partitions") || !n.has("partitions") && l.brokerUnsure {
		most = unknownPartitions
	}
	l.mostPartitions = append(l.mostPartitions, most)
}

// partition reads a partition's name, such as events-3, and checks that it
// exists at some time of the run.
func (l *loader) partition(n *node) kafka.TopicPartition {
	if n == nil {
		return kafka.TopicPartition{}
	}
	dash := strings.LastIndexByte(n.text, '-')
	number, err := strconv.ParseInt(n.text[dash+1:], 10, 32)
	i, ok := l.find(&l.topics, n.place, n.text[:dash])
	if err != nil || !ok {
		return kafka.TopicPartition{}
	}
	if most := l.mostPartitions[i]; most != unknownPartitions && number >= int64(most) {
		l.reject(n, "", "there is no partition %s: %s has %d, numbered from 0", n.text, n.text[:dash], most)
		return kafka.TopicPartition{}
	}
	return kafka.TopicPartition{Topic: n.text[:dash], Partition: int32(number)}
}

// given lists the properties of a config map with their bare values, as a
// properties file would have them.
func (l *loader) given(n *node) []config.Property {
	if n == nil {
		return nil
	}
	properties := make([]config.Property, 0, len(n.fields))
	for i := range n.fields {
		f := &n.fields[i]
		if f.value.bad || f.value.kind == isNull {
			continue
		}
		properties = append(properties, config.Property{
			Key: f.key, Value: bare(f.value), IsList: f.value.kind == isList, Pos: f.place.pos, ValuePos: f.value.place.pos})
	}
	return properties
}

// bare is a property's value; a list is joined by commas.
func bare(n *node) string {
	if n.kind != isList {
		return n.text
	}
	values := make([]string, len(n.items))
	for i, item := range n.items {
		values[i] = item.text
	}
	return strings.Join(values, ",")
}

// problems reports what the catalogue has found in a config map. What it finds
// in what the map does not have was not the user's doing.
func (l *loader) problems(n *node, problems []config.Problem) {
	for _, p := range problems {
		f := n.field(p.Property.Key)
		if f == nil {
			continue
		}
		where := f.place
		if p.OfValue {
			where = f.value.place
		}
		l.report(p.Severity, where, p.Hint, p.Message)
	}
}

func isError(p config.Problem) bool { return p.Severity == diag.Error }

// isRefused tells whether problems have an error about the property.
func isRefused(problems []config.Problem, property string) bool {
	return slices.ContainsFunc(problems, func(p config.Problem) bool { return isError(p) && p.Property.Key == property })
}
