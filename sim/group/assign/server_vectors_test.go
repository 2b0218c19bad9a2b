package assign

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ksim/sim/kafka"
)

// TestServerVectors compares with the answers of the broker's own assignors, the order
// of their maps and sets included.
// Without KSIM_VECTORS, the folder of the full set, it takes the sample in testdata.
func TestServerVectors(t *testing.T) {
	dir := os.Getenv("KSIM_VECTORS")
	if dir == "" {
		dir = "testdata"
	}
	files, err := filepath.Glob(filepath.Join(dir, "assignors-server*.jsonl*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no assignors-server*.jsonl[.gz] in %s", dir)
	}
	for _, file := range files {
		cases := 0
		eachLine(t, file, func(number int, line []byte) {
			var v serverVector
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatalf("%s:%d: %v", file, number, err)
			}
			if diff := cmp.Diff(v.want(), v.assign(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s:%d: %s, homogeneous %t (-java +ksim)\n%s", file, number, v.Kind, v.Homogeneous, diff)
			}
			cases++
		})
		if cases == 0 {
			t.Errorf("%s has no case", file)
		}
		t.Logf("%s: %d cases", file, cases)
	}
}

// serverVector is one case; topic k has the id (k, 1). Instances are in wider sets
// than the recorded one.
type serverVector struct {
	Kind        string                      `json:"kind"`
	Homogeneous bool                        `json:"homo"`
	Counts      map[string]int32            `json:"np"`
	Order       []string                    `json:"order"`
	Topics      ordered[[]string]           `json:"subs"`
	Instances   map[string]string           `json:"inst"`
	Current     map[string]ordered[[]int32] `json:"cur"`
	Out         map[string]ordered[[]int32]
}

// topics are numbered from 0; the file counts from 1.
func (v *serverVector) topics() []ServerTopic {
	topics := make([]ServerTopic, len(v.Counts))
	for k, n := range v.Counts {
		topics[topicNumber(k)] = ServerTopic{kafka.UUID{Hi: uint64(topicNumber(k) + 1), Lo: 1}, n}
	}
	return topics
}

func topicNumber(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n - 1
}

func (v *serverVector) assign() map[string][]TopicShare {
	var members []ServerMember
	for _, id := range v.Order {
		m := ServerMember{ID: id, InstanceID: v.Instances[id]}
		for _, s := range v.Topics {
			if s.key == id {
				m.SubscribedNames = len(s.value)
				for _, k := range s.value {
					m.Topics = append(m.Topics, topicNumber(k))
				}
			}
		}
		for _, s := range v.Current[id] {
			m.Target = append(m.Target, TopicShare{topicNumber(s.key), s.value})
		}
		members = append(members, m)
	}
	assignor, _ := ServerByName(v.Kind)
	got := map[string][]TopicShare{}
	for i, target := range assignor(v.topics(), members, v.Homogeneous) {
		got[members[i].ID] = target.Stored(v.topics())
	}
	return got
}

func (v *serverVector) want() map[string][]TopicShare {
	want := map[string][]TopicShare{}
	for id, topics := range v.Out {
		want[id] = []TopicShare{}
		for _, s := range topics {
			want[id] = append(want[id], TopicShare{topicNumber(s.key), s.value})
		}
	}
	return want
}
