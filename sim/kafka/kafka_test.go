package kafka

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// topic draws names as Kafka allows them: letters, digits, dots, dashes and
// underscores. A dash and a number at the end must not be taken for a partition.
func topic() *rapid.Generator[string] { return rapid.StringMatching(`[a-z0-9._-]{1,6}(-[0-9])?`) }

func partitions(t *rapid.T, label string) []TopicPartition {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) TopicPartition {
		return TopicPartition{topic().Draw(t, "topic"), rapid.Int32Range(0, 99_999).Draw(t, "partition")}
	}), 0, 5).Draw(t, label)
}

// TestAssignmentRoundTrip: what the leader encodes is what the member decodes, in
// the assignor's order.
func TestAssignmentRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := partitions(t, "assignment")
		got := DecodeAssignment(EncodeAssignment(want))
		if len(got) != len(want) || len(want) > 0 && !cmp.Equal(got, want) {
			t.Fatalf("%v comes back as %v", want, got)
		}
	})
}

// TestSubscriptionRoundTrip: what a member sends is what the leader's assignor sees,
// whichever fields are set.
func TestSubscriptionRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Subscription{
			Topics:     rapid.SliceOfN(topic(), 0, 3).Draw(t, "topics"),
			UserData:   rapid.StringMatching(`([0-9]:[a-z,0-9-]{0,5})?`).Draw(t, "user-data"),
			Owned:      partitions(t, "owned"),
			Generation: rapid.Int32Range(-1, 1000).Draw(t, "generation"),
			Rack:       rapid.StringMatching(`[a-z0-9;-]{0,4}`).Draw(t, "rack"),
		}
		got := DecodeSubscription(EncodeSubscription(want))
		if len(want.Topics) == 0 {
			want.Topics = nil
		}
		if len(want.Owned) == 0 {
			want.Owned = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got\n%s", diff)
		}
	})
}

// TestSubscriptionText pins the short form: the coordinator compares texts, and
// members of one kind have to have the same.
func TestSubscriptionText(t *testing.T) {
	for want, s := range map[string]Subscription{
		"a,b;":         {Topics: []string{"a", "b"}, Generation: -1},
		"a;1:a-0":      {Topics: []string{"a"}, UserData: "1:a-0", Generation: -1},
		"a;;;0;":       {Topics: []string{"a"}},
		"a;;a-0;-1;":   {Topics: []string{"a"}, Owned: []TopicPartition{{"a", 0}}, Generation: -1},
		"a;;;-1;rack1": {Topics: []string{"a"}, Generation: -1, Rack: "rack1"},
	} {
		if got := EncodeSubscription(s); got != want {
			t.Errorf("%+v is %q, want %q", s, got, want)
		}
	}
}

// FuzzDecode: decoding takes any text; scenarios never bring one, but vectors do.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", ";", "a;;b-0;1;r", "-", "a-x,b-1", ";;;;", "a-7000000000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		DecodeSubscription(text)
		if p := DecodeAssignment(text); !cmp.Equal(DecodeAssignment(EncodeAssignment(p)), p) {
			t.Errorf("%q gives %v, which does not last", text, p)
		}
	})
}

// TestErrorNames: every code has a name of its own by which it is found, and all
// but NONE a message.
func TestErrorNames(t *testing.T) {
	if len(errorNames) < 30 {
		t.Fatalf("%d codes", len(errorNames))
	}
	for code := range errorNames {
		if got, ok := ParseErrorCode(code.String()); !ok || got != code {
			t.Errorf("%s is found as %d, want %d", code, got, code)
		}
		if (code.Message() == "") != (code == ErrNone) {
			t.Errorf("%s has the message %q", code, code.Message())
		}
	}
	for _, name := range []string{"", "none", "ILLEGAL_GENERATIO"} {
		if code, ok := ParseErrorCode(name); ok {
			t.Errorf("%q is found as %d", name, code)
		}
	}
}

// TestVersion: versions compare as numbers, and print without a patch of 0.
func TestVersion(t *testing.T) {
	order := []Version{V(2, 8, 2), V(2, 16, 1), V(3, 0, 0), V(4, 1, 0), V(4, 1, 1), V(10, 0, 0)}
	text := []string{"2.8.2", "2.16.1", "3.0", "4.1", "4.1.1", "10.0"}
	for i, v := range order {
		if v.String() != text[i] {
			t.Errorf("%d prints %s, want %s", v, v, text[i])
		}
		if i > 0 && v <= order[i-1] {
			t.Errorf("%s is not after %s", v, order[i-1])
		}
	}
}

// What org.apache.kafka.common.Uuid prints, and hashes to: the order of topics in
// the broker's assignors hangs on it.
func TestUUIDIsKafkas(t *testing.T) {
	u := UUID{Hi: 0x123456789abcdef0, Lo: 0xfffffffffffffffb}
	if got := u.String(); got != "EjRWeJq83vD_________-w" {
		t.Errorf("prints %s", got)
	}
	if got := u.HashCode(); got != -2004318068 {
		t.Errorf("hash is %d", got)
	}
	if (UUID{3, 1}).HashCode() != 2 || u.Compare(UUID{Hi: 1}) < 0 || (UUID{Hi: 1 << 63}).Compare(UUID{}) > 0 {
		t.Error("hash or order of small ids")
	}
}
