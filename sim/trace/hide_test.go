package trace

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestHide: without --detail numbers stay, and a cause is the nearest one shown.
func TestHide(t *testing.T) {
	var shown []Event
	h := Hide{Next: func(e *Event) { shown = append(shown, *e) }}
	for _, e := range []Event{
		{Seq: 1, Type: MemberStarted},
		{Seq: 2, Cause: 1, Type: NetRequest},
		{Seq: 3, Cause: 2, Type: NetResponse},
		{Seq: 4, Cause: 3, Type: PartitionsAssigned}, // two hidden ones back: 1
		{Seq: 5, Cause: 0, Type: NetRequest},
		{Seq: 6, Cause: 5, Type: Log}, // nothing shown led to it: the timeline
		{Seq: 7, Cause: 4, Type: Log},
	} {
		h.Event(&e)
	}
	want := []Event{
		{Seq: 1, Type: MemberStarted},
		{Seq: 4, Cause: 1, Type: PartitionsAssigned},
		{Seq: 6, Cause: 0, Type: Log},
		{Seq: 7, Cause: 4, Type: Log},
	}
	if !slices.EqualFunc(shown, want, func(a, b Event) bool { return a.Seq == b.Seq && a.Cause == b.Cause && a.Type == b.Type }) {
		t.Errorf("%+v", shown)
	}
}

// TestHideAnyStream follows each cause back by hand.
func TestHideAnyStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []Event{{}} // by Seq; 0 is the timeline
		h := Hide{Next: func(e *Event) {
			cause := all[e.Seq].Cause
			for cause != 0 && all[cause].Type.Detail() {
				cause = all[cause].Cause
			}
			if e.Type.Detail() || e.Cause != cause {
				t.Fatalf("event %d of type %s shown with cause %d, want %d", e.Seq, e.Type, e.Cause, cause)
			}
		}}
		for seq := range uint64(rapid.IntRange(1, 50).Draw(t, "events")) {
			e := Event{Seq: seq + 1, Cause: rapid.Uint64Range(0, seq).Draw(t, "cause"), Type: rapid.SampledFrom([]Type{Log, NetRequest, AppPoll}).Draw(t, "type")}
			all = append(all, e)
			h.Event(&e)
			if all[seq+1].Cause != e.Cause {
				t.Fatal("the event itself was changed")
			}
		}
	})
}
