package assign

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ksim/sim/kafka"
)

// What a member remembers must come back from the text, topic by topic, and must fit
// into the text of a subscription, whose fields end at a semicolon.
func TestUserDataRoundTrip(t *testing.T) {
	owned := []kafka.TopicPartition{{Topic: "web-log", Partition: 10}, {Topic: "a.b", Partition: 0}, {Topic: "web-log", Partition: 2}}
	text := EncodeUserData(owned, 7)
	if want := "7:web-log-10,web-log-2,a.b-0"; text != want {
		t.Errorf("text %q, want %q", text, want)
	}
	partitions, generation := DecodeUserData(text)
	want := []kafka.TopicPartition{owned[0], owned[2], owned[1]}
	if diff := cmp.Diff(want, partitions); diff != "" || generation != 7 {
		t.Errorf("generation %d (-want +got)\n%s", generation, diff)
	}
	s := kafka.DecodeSubscription(kafka.EncodeSubscription(kafka.Subscription{Topics: []string{"t"}, UserData: text, Generation: 7}))
	if s.UserData != text {
		t.Errorf("a subscription carries %q as %q", text, s.UserData)
	}
}

// Any member may send any text: what is not user data is no claim.
func FuzzDecodeUserData(f *testing.F) {
	for _, seed := range []string{"", "7:", "7:t-0,t-1", "-1:t-0", "x:t-0", "99999999999:t-0", "7"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		partitions, generation := DecodeUserData(text)
		if number, _, _ := strings.Cut(text, ":"); number == "" && (partitions != nil || generation != -1) {
			t.Errorf("%q claims %v since %d", text, partitions, generation)
		}
		again, since := DecodeUserData(EncodeUserData(partitions, generation))
		if since != generation || len(again) != len(partitions) {
			t.Errorf("%q: %v since %d, then %v since %d", text, partitions, generation, again, since)
		}
	})
}
