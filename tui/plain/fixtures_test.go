package plain

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/expect/tracetest"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// run is a recorded run: what the engine would hand to the writer.
type run struct {
	scenario *scenario.Scenario
	events   []trace.Event
	summary  Summary
}

// load reads a scenario of testdata.
func load(t *testing.T, name string) *scenario.Scenario {
	t.Helper()
	path := "testdata/" + name + ".yaml"
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, found := scenario.Load("scenarios/"+name+".yaml", src, scenario.Options{})
	if s == nil {
		t.Fatal(found)
	}
	return s
}

// recorded reads a run of real brokers and clients: testdata/NAME.jsonl is such
// a recording in the trace's own words.
func recorded(t *testing.T, name string, members ...MemberFigures) run {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	events, err := tracetest.Events(string(text))
	if err != nil {
		t.Fatal(name, err)
	}
	s := load(t, name)
	return run{s, events, Summary{End: s.Duration, Members: members, Lost: make([]int64, len(s.Groups))}}
}

// composed is a run written by hand: add events in any order, then finish.
type composed struct {
	events []trace.Event
}

func (c *composed) add(at clock.Time, e trace.Event) {
	e.At = at
	c.events = append(c.events, e)
}

// sampled adds the offsets of each full second: end and committed give the sum
// over a topic's partitions.
func (c *composed) sampled(until clock.Time, group, topic string, count int32, end, committed func(clock.Time) int64) {
	for t := clock.Second; t <= until; t += clock.Second {
		e := trace.Event{Type: trace.Offsets, Group: group}
		for p := range count {
			tp := kafka.TopicPartition{Topic: topic, Partition: p}
			done := committed(t)
			if done >= 0 {
				done = (done + int64(p)) / int64(count)
			}
			e.Committed = append(e.Committed, kafka.OffsetCommit{TopicPartition: tp, Offset: done})
			e.End = append(e.End, kafka.OffsetCommit{TopicPartition: tp, Offset: (end(t) + int64(p)) / int64(count)})
		}
		c.add(t, e)
	}
}

// stable adds the end of a rebalance: the members share the topic's partitions.
func (c *composed) stable(at clock.Time, group string, generation int32, topic string, count int32, members ...string) {
	c.add(at, trace.Event{Type: trace.GroupStabilized, Group: group, Generation: generation, Members: len(members)})
	for i, m := range members {
		c.add(at+clock.Ms(int64(4+i)), trace.Event{Type: trace.PartitionsAssigned, Group: group, Member: m, Partitions: even(topic, count, len(members), i)})
	}
}

// even is what the i-th of n members gets when a topic's partitions are dealt
// out in ranges.
func even(topic string, count int32, n, i int) []kafka.TopicPartition {
	var p []kafka.TopicPartition
	per, more := int(count)/n, int(count)%n
	from := i*per + min(i, more)
	to := from + per
	if i < more {
		to++
	}
	for k := from; k < to; k++ {
		p = append(p, kafka.TopicPartition{Topic: topic, Partition: int32(k)})
	}
	return p
}

// finish puts the events in order and numbers them.
func (c *composed) finish(s *scenario.Scenario, members ...MemberFigures) run {
	slices.SortStableFunc(c.events, func(a, b trace.Event) int { return int(a.At - b.At) })
	for i := range c.events {
		c.events[i].Seq = uint64(i + 1)
	}
	return run{s, c.events, Summary{End: s.Duration, Members: members, Lost: make([]int64, len(s.Groups))}}
}

// sixMinutes is the story that ksim was made for: an upload of six minutes in a
// loop whose client allows five.
func sixMinutes(t *testing.T) run {
	const group, topic = "s3-sink", "user-events"
	var c composed
	a := trace.Event{Group: group, Member: "A"}
	of := func(typ trace.Type) trace.Event { e := a; e.Type = typ; return e }
	at := func(min, sec, ms int64) clock.Time { return clock.Ms(min*60_000 + sec*1000 + ms) }

	c.add(0, of(trace.MemberStarted))
	c.add(at(0, 0, 5), trace.Event{Type: trace.GroupRebalancing, Group: group, Reason: trace.ReasonMemberJoined, Member: "A"})
	c.stable(at(0, 3, 6), group, 1, topic, 3, "A")
	for lap, start := range []clock.Time{at(2, 30, 112), at(8, 33, 122)} {
		work := of(trace.WorkStarted)
		work.What, work.Records = "upload", 147_106
		c.add(start, work)
		for i := range int64(100) {
			beat := of(trace.NetResponse)
			beat.What = "Heartbeat"
			c.add(start+clock.Ms(2888+i*3000), beat)
		}
		left := start + clock.Ms(300_285-int64(lap)*100)
		c.add(left, of(trace.MemberLeft))
		c.add(left, trace.Event{Type: trace.Log, Broker: 2, Level: "INFO", Text: "[Group s3-sink] Member A-3f1f2a7e-9d3c-4e0a-a3a5-0d6a8c1b2e4f has left group through explicit `LeaveGroup` request; client reason: not provided"})
		c.add(left, trace.Event{Type: trace.GroupRebalancing, Group: group, Generation: int32(1 + 2*lap), Reason: trace.ReasonMemberLeft, Member: "A"})
		c.add(left, trace.Event{Type: trace.GroupEmptied, Group: group, Generation: int32(2 + 2*lap)})
		end := start + 6*clock.Minute
		work.Type = trace.WorkFinished
		c.add(end, work)
		failed := of(trace.CommitFailed)
		failed.Error, failed.Text = "_ASSIGNMENT_LOST", "Commit failed: Local: Group partition assignment lost"
		c.add(end, failed)
		line := of(trace.Log)
		line.Level, line.Text = "WARNING", fmt.Sprintf("MAXPOLL [A#consumer-1] [thrd:main]: Application maximum poll interval (300000ms) exceeded by %dms (adjust max.poll.interval.ms for long-running message processing): leaving group", 285-100*lap)
		c.add(end+clock.Millisecond, line)
		exceeded := of(trace.PollExceeded)
		exceeded.Text = fmt.Sprintf("Application maximum poll interval (300000ms) exceeded by %dms", 285-100*lap)
		c.add(end+clock.Millisecond, exceeded)
		lost := of(trace.PartitionsLost)
		lost.Partitions = []kafka.TopicPartition{{Topic: topic, Partition: 0}, {Topic: topic, Partition: 1}, {Topic: topic, Partition: 2}}
		c.add(end+clock.Millisecond, lost)
		c.add(end+clock.Ms(2), trace.Event{Type: trace.GroupRebalancing, Group: group, Generation: int32(2 + 2*lap), Reason: trace.ReasonMemberJoined, Member: "A"})
		c.stable(end+clock.Ms(3003), group, int32(3+2*lap), topic, 3, "A")
	}
	c.sampled(15*clock.Minute, group, topic, 3, func(t clock.Time) int64 { return int64(t/clock.Second) * 1000 }, func(clock.Time) int64 { return -1 })
	return c.finish(load(t, "six-minutes"), MemberFigures{Records: 294_212, Repeated: 147_106, Polls: 294_230, LongestGap: clock.Ms(360_001)})
}

// manyUploads is the same program with small buffers: 30 uploads, all in time.
func manyUploads(t *testing.T) run {
	const group, topic = "s3-sink", "user-events"
	var c composed
	c.add(0, trace.Event{Type: trace.MemberStarted, Group: group, Member: "A"})
	c.add(clock.Ms(5), trace.Event{Type: trace.GroupRebalancing, Group: group, Reason: trace.ReasonMemberJoined, Member: "A"})
	c.stable(clock.Ms(3006), group, 1, topic, 3, "A")
	for lap := range clock.Time(29) {
		start := 30*clock.Second + lap*30*clock.Second
		work := trace.Event{Type: trace.WorkStarted, Group: group, Member: "A", What: "upload", Records: 3000}
		c.add(start, work)
		work.Type = trace.WorkFinished
		c.add(start+6*clock.Second+clock.Ms(int64(lap)*10), work)
		c.add(start+6*clock.Second+clock.Ms(int64(lap)*10+2), trace.Event{Type: trace.CommitDone, Group: group, Member: "A"})
	}
	end := func(t clock.Time) int64 { return int64(t/clock.Second) * 100 }
	c.sampled(15*clock.Minute, group, topic, 3, end, func(t clock.Time) int64 {
		laps := (t - 6*clock.Second) / (30 * clock.Second)
		if laps == 0 {
			return -1
		}
		return int64(laps) * 3000
	})
	return c.finish(load(t, "many-uploads"), MemberFigures{Records: 87_000, Polls: 90_120, LongestGap: clock.Ms(6281), Commits: 29})
}

// threeGroups read one topic; in the first a member crashes.
func threeGroups(t *testing.T) run {
	const topic = "orders"
	var c composed
	for i, g := range []struct {
		id      string
		members []string
	}{{"billing", []string{"A", "B"}}, {"shipping", []string{"C", "D"}}, {"audit", []string{"E"}}} {
		for _, m := range g.members {
			c.add(0, trace.Event{Type: trace.MemberStarted, Group: g.id, Member: m})
		}
		c.add(clock.Ms(int64(4+i)), trace.Event{Type: trace.GroupRebalancing, Group: g.id, Reason: trace.ReasonMemberJoined, Member: g.members[0]})
		c.stable(clock.Ms(int64(3004+i)), g.id, 1, topic, 4, g.members...)
	}
	c.add(30*clock.Second, trace.Event{Type: trace.MemberCrashed, Group: "billing", Member: "B"})
	gone := clock.Ms(39_204)
	c.add(gone, trace.Event{Type: trace.MemberRemoved, Group: "billing", Member: "B", Reason: trace.ReasonSessionTimeout})
	c.add(gone, trace.Event{Type: trace.GroupRebalancing, Group: "billing", Generation: 1, Reason: trace.ReasonSessionTimeout, Member: "B"})
	c.add(gone+clock.Ms(1811), trace.Event{Type: trace.PartitionsRevoked, Group: "billing", Member: "A", Partitions: []kafka.TopicPartition{{Topic: topic, Partition: 0}, {Topic: topic, Partition: 1}}})
	c.stable(gone+clock.Ms(1813), "billing", 2, topic, 4, "A")

	end := func(t clock.Time) int64 { return int64(t/clock.Second) * 200 }
	fine := func(t clock.Time) int64 { return max(end(t)-int64(t/clock.Second%3)*10, 0) }
	c.sampled(2*clock.Minute, "shipping", topic, 4, end, fine)
	c.sampled(2*clock.Minute, "audit", topic, 4, end, func(t clock.Time) int64 { return end(t) * 3 / 4 })
	c.sampled(2*clock.Minute, "billing", topic, 4, end, func(t clock.Time) int64 {
		if t > 30*clock.Second && t < 42*clock.Second {
			return end(30*clock.Second) + (end(t)-end(30*clock.Second))/2
		}
		return fine(t)
	})
	even := MemberFigures{Records: 11_900, Polls: 240, LongestGap: clock.Ms(1003), Commits: 120}
	a, b := even, even
	a.Records, a.Repeated, b.Records = 20_801, 20, 3_000
	return c.finish(load(t, "three-groups"), a, b, even, even, MemberFigures{Records: 18_000, Polls: 36, LongestGap: clock.Ms(5020), Commits: 36})
}

// restarted is a crash whose process is back before the group notices, and a
// graceful stop: the removal is of the process that is gone.
func restarted(t *testing.T) run {
	const group, topic = "billing", "orders"
	var c composed
	of := func(typ trace.Type, member string) trace.Event {
		return trace.Event{Type: typ, Group: group, Member: member}
	}
	rebalance := func(at clock.Time, generation int32, reason, member string) {
		c.add(at, trace.Event{Type: trace.GroupRebalancing, Group: group, Generation: generation, Reason: reason, Member: member})
	}
	revoke := func(at clock.Time, member string, i int) {
		e := of(trace.PartitionsRevoked, member)
		e.Partitions = even(topic, 4, 2, i)
		c.add(at, e)
	}
	c.add(0, of(trace.MemberStarted, "A"))
	c.add(0, of(trace.MemberStarted, "B"))
	rebalance(clock.Ms(4), 0, trace.ReasonMemberJoined, "A")
	c.stable(clock.Ms(3004), group, 1, topic, 4, "A", "B")
	c.add(20*clock.Second, of(trace.MemberCrashed, "B"))
	c.add(25*clock.Second, of(trace.MemberStarted, "B"))
	rebalance(clock.Ms(25_004), 1, trace.ReasonMemberJoined, "B")
	revoke(clock.Ms(26_010), "A", 0)
	removed := of(trace.MemberRemoved, "B")
	removed.Reason = trace.ReasonSessionTimeout
	c.add(clock.Ms(29_790), removed)
	c.stable(clock.Ms(29_790), group, 2, topic, 4, "A", "B")
	c.add(clock.Ms(100_550), of(trace.MemberLeft, "A"))
	rebalance(clock.Ms(100_550), 2, trace.ReasonMemberLeft, "A")
	c.add(clock.Ms(100_552), of(trace.MemberStopped, "A"))
	revoke(clock.Ms(101_004), "B", 1)
	c.stable(clock.Ms(101_006), group, 3, topic, 4, "B")
	end := func(t clock.Time) int64 { return int64(t/clock.Second) * 200 }
	c.sampled(2*clock.Minute, group, topic, 4, end, func(t clock.Time) int64 {
		if t > 20*clock.Second && t < 30*clock.Second {
			return end(20*clock.Second) + (end(t)-end(20*clock.Second))/2
		}
		return end(t)
	})
	return c.finish(load(t, "restarted"), MemberFigures{Records: 10_000, Polls: 100, LongestGap: clock.Second, Commits: 100},
		MemberFigures{Records: 14_000, Repeated: 37, Polls: 120, LongestGap: clock.Second, Commits: 118})
}

// unnoticed is a crash so late that the run ends before the session does.
func unnoticed(t *testing.T) run {
	r := restarted(t)
	r.scenario.Duration, r.summary.End = 22*clock.Second, 22*clock.Second
	r.events = slices.DeleteFunc(r.events, func(e trace.Event) bool { return e.At > r.summary.End })
	for i := range r.summary.Members {
		r.summary.Members[i].InGroup = true
	}
	return r
}

// fortyMembers share 120 partitions; one of them stands still for a minute.
func fortyMembers(t *testing.T) run {
	const group, topic = "enrichers", "clicks"
	var c composed
	var all, others []string
	var figures []MemberFigures
	for i := range 40 {
		m := fmt.Sprintf("worker-%02d", i+1)
		all = append(all, m)
		f := MemberFigures{Records: 88_000 + int64(i*37%101), Polls: 590, LongestGap: clock.Ms(1000 + int64(i*7%40)), Commits: 588}
		if i == 6 {
			f.LongestGap, f.Records = 60*clock.Second, 61_113
		} else {
			others = append(others, m)
		}
		figures = append(figures, f)
		c.add(0, trace.Event{Type: trace.MemberStarted, Group: group, Member: m})
	}
	figures[7].Repeated = 480
	frozen := trace.Event{Group: group, Member: "worker-07"}
	of := func(typ trace.Type) trace.Event { e := frozen; e.Type = typ; return e }
	revoke := func(at clock.Time, all, from []string) {
		for i, m := range from {
			e := trace.Event{Type: trace.PartitionsRevoked, Group: group, Member: m, Partitions: even(topic, 120, len(all), slices.Index(all, m))}
			c.add(at+clock.Ms(int64(i)*71), e)
		}
	}
	c.add(clock.Ms(4), trace.Event{Type: trace.GroupRebalancing, Group: group, Reason: trace.ReasonMemberJoined, Member: "worker-01"})
	c.stable(clock.Ms(6004), group, 1, topic, 120, all...)
	c.add(clock.Minute, of(trace.MemberFrozen))
	gone := clock.Ms(104_020)
	removed := of(trace.MemberRemoved)
	removed.Reason = trace.ReasonSessionTimeout
	c.add(gone, removed)
	c.add(gone, trace.Event{Type: trace.Log, Broker: 3, Level: "INFO", Text: "Member worker-07-5b7c0c51-31c4-4fb5-b1b1-6f8ad8ed5d1e in group enrichers has failed, removing it from the group."})
	c.add(gone, trace.Event{Type: trace.GroupRebalancing, Group: group, Generation: 1, Reason: trace.ReasonSessionTimeout, Member: "worker-07"})
	revoke(gone+clock.Ms(12), all, others)
	c.stable(gone+clock.Ms(2905), group, 2, topic, 120, others...)
	c.add(2*clock.Minute, of(trace.MemberThawed))
	failed := of(trace.CommitFailed)
	failed.Error, failed.Text = "CommitFailedException", "Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group."
	c.add(2*clock.Minute+clock.Ms(4), failed)
	lost := of(trace.PartitionsLost)
	lost.Partitions = []kafka.TopicPartition{{Topic: topic, Partition: 18}, {Topic: topic, Partition: 19}, {Topic: topic, Partition: 20}}
	c.add(2*clock.Minute+clock.Ms(5), lost)
	c.add(2*clock.Minute+clock.Ms(9), trace.Event{Type: trace.GroupRebalancing, Group: group, Generation: 2, Reason: trace.ReasonMemberJoined, Member: "worker-07"})
	revoke(2*clock.Minute+clock.Ms(300), others, others)
	c.stable(2*clock.Minute+clock.Ms(3200), group, 3, topic, 120, all...)
	end := func(t clock.Time) int64 { return int64(t/clock.Second) * 12_000 }
	c.sampled(5*clock.Minute, group, topic, 120, end, func(t clock.Time) int64 {
		switch {
		case t < 7*clock.Second:
			return -1
		case t > clock.Minute && t < 107*clock.Second:
			return end(t) - (end(t)-end(clock.Minute))/40
		}
		return end(t) - 2000
	})
	return c.finish(load(t, "forty-members"), figures...)
}
