package assign

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ksim/sim/kafka"
)

// TestVectors compares with the answers of the real Java classes, the order of
// each member's partitions included. Without
// KSIM_VECTORS, the folder of the full set, it takes the sample in testdata.
func TestVectors(t *testing.T) {
	dir := os.Getenv("KSIM_VECTORS")
	if dir == "" {
		dir = "testdata"
	}
	files, err := filepath.Glob(filepath.Join(dir, "assignors-client*.jsonl*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no assignors-client*.jsonl[.gz] in %s", dir)
	}
	for _, file := range files {
		cases := 0
		eachLine(t, file, func(number int, line []byte) {
			var v vector
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatalf("%s:%d: %v", file, number, err)
			}
			if diff := cmp.Diff(v.answer(), byMember(v.assign())); diff != "" {
				t.Errorf("%s:%d: %s (-java +ksim)\n%s", file, number, v.Kind, diff)
			}
			cases++
		})
		if cases == 0 {
			t.Errorf("%s has no case", file)
		}
		t.Logf("%s: %d cases", file, cases)
	}
}

func eachLine(t *testing.T, file string, do func(number int, line []byte)) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		do(n, lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// vector is one case. Instance and Lost are in wider sets than the recorded one:
// instance ids, and members that have lost their generation but not their user data.
type vector struct {
	Kind     string                      `json:"kind"`
	Counts   ordered[int32]              `json:"np"`
	Topics   ordered[[]string]           `json:"subs"`
	Owned    map[string][]topicPartition `json:"owned"`
	Gen      map[string]int32            `json:"gen"`
	Instance map[string]string           `json:"inst"`
	Lost     map[string]bool             `json:"lost"`
	Out      map[string][]topicPartition `json:"out"`
}

func (v *vector) assign() []Assigned {
	var topics []Topic
	for _, c := range v.Counts {
		topics = append(topics, Topic{c.key, c.value})
	}
	var members []Member
	for _, s := range v.Topics {
		m := Member{s.key, v.Instance[s.key], kafka.Subscription{Topics: s.value, Generation: -1}}
		if generation, ok := v.Gen[s.key]; ok {
			m.Generation = generation
			m.Owned = partitions(v.Owned[s.key])
		}
		if v.Kind == "sticky" && m.Generation >= 0 {
			m.UserData = EncodeUserData(m.Owned, m.Generation)
			m.Owned = nil
		}
		if v.Lost[s.key] {
			m.Generation = -1
		}
		members = append(members, m)
	}
	assignor, _ := ByName(v.Kind)
	return assignor(topics, members)
}

func (v *vector) answer() map[string][]kafka.TopicPartition {
	m := make(map[string][]kafka.TopicPartition)
	for id, list := range v.Out {
		m[id] = partitions(list)
	}
	return m
}

func byMember(answer []Assigned) map[string][]kafka.TopicPartition {
	m := make(map[string][]kafka.TopicPartition)
	for _, a := range answer {
		m[a.MemberID] = a.Partitions
	}
	return m
}

// topicPartition is written ["t0",3].
type topicPartition kafka.TopicPartition

func (tp *topicPartition) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&tp.Topic, &tp.Partition})
}

func partitions(list []topicPartition) []kafka.TopicPartition {
	var p []kafka.TopicPartition
	for _, tp := range list {
		p = append(p, kafka.TopicPartition(tp))
	}
	return p
}

// ordered is a JSON object whose order counts: Java's HashMap order.
type ordered[V any] []struct {
	key   string
	value V
}

func (o *ordered[V]) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("want an object, have %v (%v)", t, err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value V
		if err := d.Decode(&value); err != nil {
			return err
		}
		*o = append(*o, struct {
			key   string
			value V
		}{key.(string), value})
	}
	return nil
}
