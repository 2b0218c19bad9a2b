package scenario

import (
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/config"
)

// readProducers reads `producers`.
func (l *loader) readProducers(root *node) {
	l.producers.what, l.producers.unsure = "producer", root.unsure("producers")
	n := root.get("producers")
	if n == nil {
		return
	}
	for i, p := range n.items {
		if p.kind != isMap {
			l.producers.unsure = true
			continue
		}
		l.readProducer(p, "producers["+strconv.Itoa(i)+"]")
	}
}

func (l *loader) readProducer(n *node, at string) {
	p := Producer{
		Size: l.number(n, "size", 100),
		From: l.time(n, "from", 0),
		To:   l.time(n, "to", clock.Never),
		Pos:  n.place.pos,
	}
	if to := n.usable("to"); to != nil && p.To < p.From {
		l.reject(to, "", "the producer's end, %s, is before its start, %s", to.text, n.get("from").text)
	}
	if v := n.usable("rate"); v != nil {
		p.Rate, _ = parseRate(v.text)
	}
	topic, queue := n.usable("topic"), n.usable("queue")
	switch {
	case n.field("topic") != nil && n.field("queue") != nil:
		l.errorAt(n.field("queue").place, "", "%s has both a topic and a queue", at)
	case topic != nil:
		l.find(&l.topics, topic.place, topic.text)
		p.Topic, p.Name = topic.text, topic.text
	case queue != nil:
		l.find(&l.queues, queue.place, queue.text)
		p.Queue, p.Name = queue.text, queue.text
		l.checkSender(n, queue.text)
	case !n.has("topic") && !n.has("queue"):
		l.errorAt(n.place, "", "%s lacks %q: expected the topic that it writes to", at, "topic")
	}
	if named := n.usable("name"); named != nil {
		p.Name = named.text
		if !l.producers.add(p.Name) {
			l.reject(named, "give each producer a name of its own", "a producer is called %q already", p.Name)
		}
	} else if p.Name == "" {
		l.producers.unsure = true
	} else {
		p.Name = l.freeName(p.Name)
	}
	p.Keys = l.keys(n.usable("keys"))
	if p.Queue == "" {
		l.producerConfig(n, &p)
		p.Partitioner = l.partitioner(n, &p)
	}
	l.warnOfSize(n, &p)
	l.s.Producers = append(l.s.Producers, p)
}

// largestMessage is the size of an SQS message at most.
const largestMessage = 1 << 20

// warnOfSize warns of records that nobody would take: send() throws
// RecordTooLargeException, and SendMessage answers InvalidParameterValue. In ksim they
// are written all the same.
func (l *loader) warnOfSize(n *node, p *Producer) {
	size := n.usable("size")
	switch {
	case size == nil:
	case p.Queue != "" && p.Size > largestMessage:
		l.warnAt(size.place, "", "size %s is larger than Amazon SQS takes, %s: a real queue would refuse each message", size.text, FormatSize(largestMessage))
	case p.Queue == "" && p.Size > p.Config.Int("max.request.size"):
		l.warnAt(size.place, "", "size %s is larger than max.request.size, %d: a real producer would refuse each record", size.text, p.Config.Int("max.request.size"))
	}
}

// checkSender refuses what a producer of a queue does not have, and warns of keys
// that do nothing: in a FIFO queue a key is the message group.
func (l *loader) checkSender(n *node, queue string) {
	for _, key := range []string{"config", "partitioner"} {
		if f := n.field(key); f != nil {
			l.errorAt(f.place, "", "%s is for producers of a topic: %s is a queue, without partitions and Kafka client", key, queue)
		}
	}
	if f := n.field("keys"); f != nil {
		if q := l.queueNamed(queue); q != nil && !q.FIFO {
			l.warnAt(f.place, "", "keys have no effect: %s is a standard queue; in a FIFO queue they are the message groups", queue)
		}
	}
}

// freeName gives a producer without a name of its own that of its topic, with a
// number if another has it already.
func (l *loader) freeName(base string) string {
	name := base
	for !l.producers.add(name) {
		l.sameName[base]++
		name = base + "#" + strconv.Itoa(l.sameName[base]+1)
	}
	return name
}

// keys reads `keys`; n is nil when there are none.
func (l *loader) keys(n *node) Keys {
	switch {
	case n == nil:
		return Keys{}
	case n.kind == isList:
		k := Keys{Kind: KeysInTurn}
		for _, item := range n.items {
			k.Names = append(k.Names, item.text)
		}
		return k
	case n.field("zipf") != nil:
		return l.zipf(n)
	}
	k := Keys{Kind: KeysWeighted}
	for _, f := range n.fields {
		k.Names = append(k.Names, f.key)
		k.Weights = append(k.Weights, f.value.value)
	}
	if f := n.field("count"); f != nil && len(n.fields) == 1 {
		l.warnAt(f.place, "did you mean {count: "+f.value.text+", zipf: 1.1}?", "all records have one key, %q", f.key)
	}
	return k
}

// maxExponent is where the second of Zipf's keys has a millionth of the first.
const maxExponent = 20

func (l *loader) zipf(n *node) Keys {
	k := Keys{Kind: KeysZipf, Count: l.number(n, "count", 1)}
	if v := n.usable("zipf"); v != nil {
		digits, scale, _ := decimal(v.text)
		var exact bool
		if exponent, _, fits := times(digits, 1<<32, scale); fits && digits <= maxExponent*scale {
			k.Exponent, exact = uint64(exponent), true
		}
		if !exact {
			l.reject(v, "", "the exponent of Zipf's law is %s: expected at most %d", v.text, maxExponent)
		}
	}
	return k
}

// partitioners are the contract's names.
var partitioners = map[string]Partitioner{"murmur2": Murmur2, "crc32": CRC32, "round-robin": RoundRobin, "sticky": Sticky}

// producerConfig reads `config`: a producer is a Java client as old as the
// brokers.
func (l *loader) producerConfig(n *node, p *Producer) {
	given := n.usable("config")
	var problems []config.Problem
	p.Config, problems = config.Producer(l.s.Cluster.Version, l.given(given))
	l.problems(given, problems)
	if f := given.field("transactional.id"); f != nil && !isRefused(problems, f.key) {
		l.warnAt(f.place, "", "transactional.id has no effect: a producer of a scenario begins no transaction, the application model transactional does")
	}
	for _, key := range unlimited {
		if f := given.field(key); f != nil && !isRefused(problems, f.key) {
			l.warnAt(f.place, "delivery.timeout.ms and retries end an outage for a record", "%s has no effect: a scenario's producer never blocks, and keeps all that an outage holds back", key)
		}
	}
}

// unlimited are the limits of a real producer that those of a scenario do not have.
var unlimited = []string{"buffer.memory", "max.block.ms", "max.in.flight.requests.per.connection"}

// partitioner reads `partitioner`, or else takes partitioner.class: by the key
// with keys, else in turn.
func (l *loader) partitioner(n *node, p *Producer) Partitioner {
	keyed := p.Keys.Kind != NoKeys
	v := n.usable("partitioner")
	if v == nil {
		return classPartitioner(p.Config, keyed)
	}
	if class := n.get("config").field("partitioner.class"); class != nil {
		l.warnAt(class.place, "", "partitioner.class has no effect beside partitioner %s", v.text)
	}
	by := partitioners[v.text]
	hashes := by == Murmur2 || by == CRC32
	switch {
	case hashes && !keyed && !n.has("keys"):
		l.warnAt(v.place, "", "partitioner %s has no effect without keys: records go to the partitions in turn", v.text)
		return RoundRobin
	case !hashes && keyed:
		l.warnAt(v.place, "murmur2 and crc32 go by the key", "keys have no effect with partitioner %s", v.text)
	}
	return by
}

// classPartitioner is what Java's partitioner.class and partitioner.ignore.keys
// say. Without keys, and without a class, the contract has records go round.
func classPartitioner(c config.Set, keyed bool) Partitioner {
	class := c.String("partitioner.class")
	switch {
	case strings.HasSuffix(class, ".RoundRobinPartitioner"):
		return RoundRobin
	case strings.HasSuffix(class, ".UniformStickyPartitioner"):
		return Sticky
	case keyed && !c.Bool("partitioner.ignore.keys"):
		return Murmur2
	case keyed || c.Given("partitioner.class"):
		return Sticky
	}
	return RoundRobin
}
