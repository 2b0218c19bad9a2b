package assign

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ksim/sim/kafka"
)

// pythonCase is a question to an assignor of a Python client and its answer, as
// assignors-python.py has put it to the clients' own classes.
type pythonCase struct {
	Client, Assignor string
	Topics           map[string]int32
	Members          []struct {
		ID, Instance string
		Owned        []string
		Generation   int32
	}
	Assigned map[string][]string
}

// TestPythonVectors holds the assignors of kafka-python 3.0 and aiokafka 0.14
// against what the real classes have answered: their ties differ from Java's.
func TestPythonVectors(t *testing.T) {
	f, err := os.Open("testdata/assignors-python.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	n := 0
	for lines.Scan() {
		var c pythonCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		n++
		if diff := cmp.Diff(c.Assigned, c.answer()); diff != "" {
			t.Fatalf("case %d, %s %s %s\n(-real +ksim)\n%s", n, c.Client, c.Assignor, lines.Text(), diff)
		}
	}
	if n < 1000 {
		t.Errorf("only %d cases", n)
	}
}

// answer asks ksim's assignor.
func (c *pythonCase) answer() map[string][]string {
	assignor, _ := KafkaPython(c.Assignor)
	if c.Client == "aiokafka" {
		assignor, _ = Aiokafka(c.Assignor)
	}
	var topics []Topic
	var names []string
	for name := range c.Topics {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		topics = append(topics, Topic{name, c.Topics[name]})
	}
	var members []Member
	for _, m := range c.Members {
		s := kafka.Subscription{Topics: names, Generation: -1}
		if m.Owned != nil {
			var owned []kafka.TopicPartition
			for _, tp := range m.Owned {
				owned = append(owned, kafka.DecodeAssignment(tp)...)
			}
			if s.UserData = EncodeUserData(owned, m.Generation); c.Assignor == "cooperative-sticky" {
				s.UserData, s.Owned = "", owned
			}
		}
		members = append(members, Member{m.ID, m.Instance, s})
	}
	got := make(map[string][]string)
	for _, a := range assignor(topics, members) {
		got[a.MemberID] = []string{}
		for _, tp := range a.Partitions {
			got[a.MemberID] = append(got[a.MemberID], tp.String())
		}
	}
	return got
}
