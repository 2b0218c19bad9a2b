package assign

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ksim/sim/kafka"
)

// A name that the Java client does not have must not pass for one that it has.
func TestByNameKnowsTheJavaClientsOnly(t *testing.T) {
	for _, name := range []string{"range", "roundrobin", "sticky", "cooperative-sticky"} {
		if _, ok := ByName(name); !ok {
			t.Errorf("%s is unknown", name)
		}
	}
	if _, ok := ByName("RoundRobinAssigner"); ok {
		t.Error("RoundRobinAssigner is known")
	}
}

// The leader reads in a JoinGroup response what the members have put there.
func TestMembersReadsSubscriptions(t *testing.T) {
	s := kafka.Subscription{Topics: []string{"t", "u"}, UserData: "3:t-0", Owned: []kafka.TopicPartition{{Topic: "t"}}, Generation: 3}
	got := Members([]kafka.JoinGroupMember{{MemberID: "a", InstanceID: "i", Metadata: kafka.EncodeSubscription(s)}})
	if diff := cmp.Diff([]Member{{"a", "i", s}}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
