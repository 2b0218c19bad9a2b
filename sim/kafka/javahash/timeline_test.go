package javahash

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The orders were printed by org.apache.kafka.timeline.TimelineHashMap: keys with
// equal hashes, and a table that grows and loses keys; -k removes k.
func TestTimelineIsKafkas(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"m1 m2 m3 m10 zeta alpha", "alpha zeta m2 m1 m3 m10"},
		{"AaBB x BBBB AaAa BBAa", "x BBAa AaAa BBBB AaBB"},
		{"c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11 c12 -c1 -c2 -c3 -c4 -c5 -c6 -c7 -c8 -c9 -c10 c3 c1 YZ0GWC6OSoiRR-WOxU9Syw Z2aCm9tSTLqHYJxCfLiHzg",
			"c1 c11 c3 c0 Z2aCm9tSTLqHYJxCfLiHzg c12 YZ0GWC6OSoiRR-WOxU9Syw"},
	} {
		var o Timeline
		for _, key := range strings.Fields(c.keys) {
			if gone, ok := strings.CutPrefix(key, "-"); ok {
				o.Remove(gone)
			} else {
				o.Add(key)
			}
		}
		if diff := cmp.Diff(strings.Fields(c.want), slices.Collect(o.All())); diff != "" {
			t.Errorf("%s (-java +got):\n%s", c.keys, diff)
		}
	}
}

// A Timeline is a set: it holds what was added and not removed, each key once.
func TestTimelineIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o Timeline
		has := map[string]bool{}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			key := rapid.StringN(1, 2, 2).Draw(t, "key")
			if rapid.Bool().Draw(t, "add") {
				if o.Add(key) == has[key] {
					t.Fatalf("Add(%q) says %t", key, has[key])
				}
				has[key] = true
			} else {
				if o.Remove(key) != has[key] {
					t.Fatalf("Remove(%q) says %t", key, !has[key])
				}
				delete(has, key)
			}
		}
		if o.Len() != len(has) {
			t.Fatalf("%d keys, want %d", o.Len(), len(has))
		}
		for key := range o.All() {
			if !has[key] {
				t.Fatalf("%q is in", key)
			}
		}
	})
}
