package assign

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/sim/kafka"
)

// TestTranscripts plays groups through joins and leaves, and shows after each what
// the assignor decides. Every rebalance starts from what the one before has given.
//
//	group ASSIGNOR     the topics, as name=partitions; nobody is in it
//	join               MEMBER: TOPIC…, and instance=ID for a static one
//	leave              MEMBER…
//	topics             name=partitions: new counts
//	claim              MEMBER@GENERATION: PARTITION…; what it says that it owns
//	rebalance          with nothing changed
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		var s *story
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "group" {
				s = &story{assignor: assignors(t, d.CmdArgs[0].Key)}
				s.setTopics(t, d.Input)
				return ""
			}
			lines := strings.FieldsFunc(d.Input, func(r rune) bool { return r == '\n' })
			switch d.Cmd {
			case "join":
				s.join(lines)
			case "leave":
				s.members = slices.DeleteFunc(s.members, func(m Member) bool { return slices.Contains(lines, m.ID) })
			case "topics":
				s.setTopics(t, d.Input)
			case "claim":
				s.claim(t, lines)
			case "rebalance":
			default:
				d.Fatalf(t, "unknown command %s", d.Cmd)
			}
			return s.rebalance()
		})
	})
}

func assignors(t *testing.T, name string) Assignor {
	switch name {
	case "librdkafka-range":
		return LibrdkafkaRange
	case "librdkafka-roundrobin":
		return LibrdkafkaRoundRobin
	case "uniform":
		return onServer(Uniform)
	case "server-range":
		return onServer(ServerRange)
	case "sarama-roundrobin":
		return SaramaRoundRobin
	case "sarama-sticky":
		return SaramaSticky
	case "franz-go-sticky":
		return FranzGoSticky
	case "franz-go-cooperative-sticky":
		return FranzGoCooperativeSticky
	case "librdkafka-cooperative-sticky":
		return LibrdkafkaCooperativeSticky
	}
	a, ok := ByName(name)
	if !ok {
		t.Fatalf("no assignor %s", name)
	}
	return a
}

// onServer lets a broker's assignor decide for members that say what they own: that
// is their target.
func onServer(assignor ServerAssignor) Assignor {
	return func(topics []Topic, members []Member) []Assigned {
		server := make([]ServerTopic, len(topics))
		for t := range topics {
			server[t] = ServerTopic{kafka.UUID{Hi: uint64(t + 1)}, topics[t].Partitions}
		}
		var group []ServerMember
		equal := true
		for _, m := range inHashMapOrder(members) {
			g := ServerMember{ID: m.ID, InstanceID: m.InstanceID, SubscribedNames: len(m.Topics)}
			for t := range topics {
				if slices.Contains(m.Topics, topics[t].Name) {
					g.Topics = append(g.Topics, t)
				}
				var share []int32
				for _, tp := range m.Owned {
					if tp.Topic == topics[t].Name {
						share = append(share, tp.Partition)
					}
				}
				if share != nil {
					g.Target = append(g.Target, TopicShare{t, share})
				}
			}
			group = append(group, g)
			equal = equal && slices.Equal(m.Topics, members[0].Topics)
		}
		var answer []Assigned
		for i, target := range assignor(server, group, equal) {
			a := Assigned{MemberID: group[i].ID}
			for _, s := range target.Sorted() {
				for _, p := range s.Partitions {
					a.Partitions = append(a.Partitions, kafka.TopicPartition{Topic: topics[s.Topic].Name, Partition: p})
				}
			}
			answer = append(answer, a)
		}
		return answer
	}
}

// story is a group between rebalances.
type story struct {
	assignor   Assignor
	topics     []Topic
	members    []Member
	generation int32
}

func (s *story) setTopics(t *testing.T, text string) {
	s.topics = nil
	for _, f := range strings.Fields(text) {
		name, count, _ := strings.Cut(f, "=")
		s.topics = append(s.topics, Topic{name, number(t, count)})
	}
}

func (s *story) join(lines []string) {
	for _, line := range lines {
		id, rest, _ := strings.Cut(line, ":")
		m := Member{ID: id, Subscription: kafka.Subscription{Generation: -1}}
		for _, f := range strings.Fields(rest) {
			if instance, ok := strings.CutPrefix(f, "instance="); ok {
				m.InstanceID = instance
			} else {
				m.Topics = append(m.Topics, f)
			}
		}
		s.members = append(s.members, m)
	}
}

func (s *story) claim(t *testing.T, lines []string) {
	for _, line := range lines {
		who, what, _ := strings.Cut(line, ":")
		id, generation, _ := strings.Cut(who, "@")
		i := slices.IndexFunc(s.members, func(m Member) bool { return m.ID == id })
		s.report(&s.members[i], kafka.DecodeAssignment(strings.Join(strings.Fields(what), ",")), number(t, generation))
	}
}

// report puts what a member owns where each of the assignors looks for it.
func (s *story) report(m *Member, owned []kafka.TopicPartition, generation int32) {
	m.Owned, m.Generation = owned, generation
	m.UserData = EncodeUserData(owned, generation)
}

func (s *story) rebalance() string {
	s.generation++
	answer := byMember(s.assignor(s.topics, s.members))
	var b strings.Builder
	for i := range s.members {
		m := &s.members[i]
		s.report(m, answer[m.ID], s.generation)
		fmt.Fprintf(&b, "%s:", m.ID)
		for _, tp := range answer[m.ID] {
			fmt.Fprintf(&b, " %s", tp)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func number(t *testing.T, text string) int32 {
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return int32(n)
}
