package model

import (
	"slices"
	"strings"

	"ksim/sim/config"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Rule is the property that decides when, or whether, an event happens.
type Rule struct {
	Of       string // whose it is
	Row      config.Row
	Document string // where it is documented; "" where ksim knows of no page
}

// Name is the property with its value, and where that comes from.
func (r *Rule) Name() string {
	from, value := "its default", r.Row.Value
	if r.Row.Given {
		from = "given in the scenario"
	}
	if value == "" {
		value = "(nothing)"
	}
	value = strings.ReplaceAll(value, "org.apache.kafka.clients.consumer.", "") // whose it is stands behind
	return r.Row.Name + "=" + value + "   of " + r.Of + ", " + from
}

// rule finds the property that rules an event of the run; nil when none does. What
// the event's sentence names comes first, so that the two never disagree. A rebalance
// because somebody has gone, and what a member loses by being gone, are ruled by
// what ended its membership.
func (r *Run) rule(e *trace.Event, text string) *Rule {
	s := r.Scenario()
	if rule := namedRule(s, e, text); rule != nil {
		return rule
	}
	switch e.Type {
	case trace.GroupEmptied:
		return r.causeRule(e)
	case trace.GroupRebalancing:
		if e.Reason == trace.ReasonMemberLeft || e.Reason == trace.ReasonSessionTimeout || e.Reason == trace.ReasonSyncTimeout {
			return r.causeRule(e)
		}
	case trace.PollExceeded:
		if _, m := memberIn(s, e); m != nil {
			return memberRule(m, "max.poll.interval.ms")
		}
	case trace.PartitionsLost, trace.CommitFailed:
		return r.endRule(e)
	}
	return ruleOf(s, e)
}

// causeRule is the rule of what led to an event.
func (r *Run) causeRule(e *trace.Event) *Rule {
	if c := r.cause(e); c != nil {
		return r.rule(&c.Event, c.Text)
	}
	return nil
}

// endRule is the rule of what last ended the membership of an event's member; nil
// when nothing has.
func (r *Run) endRule(e *trace.Event) *Rule {
	for i := r.Until(e.Seq) - 1; i >= 0; i-- {
		switch x := &r.entries[i]; {
		case x.Member != e.Member || x.Group != e.Group:
		case x.Type == trace.MemberLeft, x.Type == trace.MemberRemoved, x.Type == trace.MemberFenced:
			return r.rule(&x.Event, x.Text)
		}
	}
	return nil
}

// namedRule is the property that a sentence names in brackets: no heartbeat within
// 45 s (session.timeout.ms).
func namedRule(s *scenario.Scenario, e *trace.Event, text string) *Rule {
	if e.Type == trace.Log {
		return nil
	}
	for {
		_, rest, more := strings.Cut(text, "(")
		if !more {
			return nil
		}
		name, _, _ := strings.Cut(rest, ")")
		text = rest
		if !strings.Contains(name, ".") || strings.ContainsAny(name, " :") {
			continue
		}
		g, m := memberIn(s, e)
		if g == nil || !m.ReadsKafka() {
			return clusterRule(s, name)
		}
		if strings.HasSuffix(name, "session.timeout.ms") && (g.Share || m.ConsumerProtocol()) {
			return removalRule(s, g, m, trace.ReasonSessionTimeout)
		}
		if rule := memberRule(m, name); rule != nil {
			return rule
		}
		if rule := found(g.Config, name, "group "+g.ID, brokerDocument); rule != nil && rule.Row.Given {
			return rule
		}
		if rule := clusterRule(s, name); rule != nil {
			return rule
		}
	}
}

// ruleOf finds the property that rules an event by its type; nil when none does.
func ruleOf(s *scenario.Scenario, e *trace.Event) *Rule {
	switch e.Type {
	case trace.BrokerFenced:
		return clusterRule(s, s.Cluster.SessionProperty())
	case trace.RecordsExpired:
		return producerRule(s, "delivery.timeout.ms")
	case trace.RecordsDeleted:
		return topicRule(s, e, "retention.ms")
	case trace.RecordsTruncated:
		return producerRule(s, "acks")
	}
	g, m := memberIn(s, e)
	if g == nil {
		return nil
	}
	switch e.Type {
	case trace.GroupRebalancing, trace.GroupStabilized, trace.PartitionsAssigned:
		return rebalanceRule(s, g, m, e)
	case trace.MemberRemoved:
		return removalRule(s, g, m, e.Reason)
	case trace.MemberFenced:
		return memberRule(m, "group.instance.id")
	}
	return nil
}

// memberIn finds the group and the member of an event: of a group's event its
// first member.
func memberIn(s *scenario.Scenario, e *trace.Event) (*scenario.Group, *scenario.Member) {
	for i := range s.Groups {
		g := &s.Groups[i]
		if g.ID != e.Group || len(g.Members) == 0 {
			continue
		}
		k := slices.IndexFunc(g.Members, func(m scenario.Member) bool { return m.Name == e.Member })
		return g, &g.Members[max(k, 0)]
	}
	return nil, nil
}

// rebalanceRule is what decides how long a rebalance waits.
func rebalanceRule(s *scenario.Scenario, g *scenario.Group, m *scenario.Member, e *trace.Event) *Rule {
	switch {
	case m.ConsumerProtocol() || g.Share:
		return nil
	case e.Type == trace.PartitionsAssigned:
		return memberRule(m, "partition.assignment.strategy")
	case e.Type == trace.GroupRebalancing && e.Generation > 0:
		return memberRule(m, "max.poll.interval.ms") // the rebalance timeout of those that have it
	}
	return clusterRule(s, "group.initial.rebalance.delay.ms")
}

// removalRule is the limit that a member has missed when the coordinator drops it.
func removalRule(s *scenario.Scenario, g *scenario.Group, m *scenario.Member, reason string) *Rule {
	if reason != trace.ReasonSessionTimeout {
		return memberRule(m, "max.poll.interval.ms")
	}
	property, _ := g.SessionLimit(m)
	switch {
	case !g.Share && !m.ConsumerProtocol():
		return memberRule(m, property)
	case strings.HasPrefix(property, "group."):
		return clusterRule(s, property)
	}
	return found(g.Config, property, "group "+g.ID, brokerDocument)
}

// The places where properties are documented.
const (
	consumerDocument   = "https://kafka.apache.org/documentation/#consumerconfigs_"
	brokerDocument     = "https://kafka.apache.org/documentation/#brokerconfigs_"
	topicDocument      = "https://kafka.apache.org/documentation/#topicconfigs_"
	producerDocument   = "https://kafka.apache.org/documentation/#producerconfigs_"
	librdkafkaDocument = "https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md"
)

// memberRule is a property of a member's client; nil where the client has none of
// that name.
func memberRule(m *scenario.Member, property string) *Rule {
	document := ""
	switch m.Client.Profile {
	case "java":
		document = consumerDocument
	case "librdkafka":
		document = librdkafkaDocument
	}
	r := found(m.Config, property, m.Name+", "+m.Client.Profile+" "+m.Client.Version.String(), document)
	return r
}

func clusterRule(s *scenario.Scenario, property string) *Rule {
	return found(s.Cluster.Config, property, "the brokers, Kafka "+s.Cluster.Version.String(), brokerDocument)
}

// producerRule is a property of the first producer.
func producerRule(s *scenario.Scenario, property string) *Rule {
	if len(s.Producers) == 0 {
		return nil
	}
	p := &s.Producers[0]
	return found(p.Config, property, "producer "+p.Name, producerDocument)
}

// topicRule is a property of the event's topic.
func topicRule(s *scenario.Scenario, e *trace.Event, property string) *Rule {
	for i := range s.Topics {
		t := &s.Topics[i]
		if len(e.Partitions) > 0 && e.Partitions[0].Topic == t.Name {
			return found(t.Config, property, "topic "+t.Name, topicDocument)
		}
	}
	return nil
}

// found looks a property up; nil when there is none of that name.
func found(c config.Set, property, of, document string) *Rule {
	row, ok := c.Row(property)
	if !ok {
		return nil
	}
	if strings.HasSuffix(document, "_") {
		document += row.Name
	}
	return &Rule{Of: of, Row: row, Document: document}
}
