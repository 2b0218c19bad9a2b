package group

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// world is a coordinator with everything around it that tests need: a clock,
// timers in the order (due, armed first), and an append that is replicated as
// soon as the coordinator is done, unless it is held.
type world struct {
	c       *Coordinator
	now     clock.Time
	timers  []armedTimer
	armed   uint64
	holding bool
	unacked []AppendID
	ids     int           // drawn
	uuid    func() string // if nil, ids are numbers

	// What came out since the test last looked.
	replies []reply
	lines   []string // level and text of log lines
	events  []Event

	// tell, if set, is told of all that the coordinator asks for, in order.
	tell func(format string, args ...any)
}

type armedTimer struct {
	id  TimerID
	at  clock.Time
	seq uint64
}

type reply struct {
	at clock.Time
	to kafka.RequestID
	r  kafka.Response
}

func newWorld(cfg Config) *world {
	w := &world{c: New(cfg), tell: func(string, ...any) {}}
	w.c.Load(w, 0)
	return w
}

func (w *world) Arm(id TimerID, at clock.Time) {
	w.unset(id)
	w.armed++
	w.timers = append(w.timers, armedTimer{id, at, w.armed})
	w.tell("timer %s at %s", w.name(id), at)
}

func (w *world) Cancel(id TimerID) {
	if w.unset(id) {
		w.tell("timer %s off", w.name(id))
	}
}

// unset takes a timer away, and tells whether it ran.
func (w *world) unset(id TimerID) bool {
	n := len(w.timers)
	w.timers = slices.DeleteFunc(w.timers, func(t armedTimer) bool { return t.id == id })
	return len(w.timers) < n
}

// name is a timer's name for people.
func (w *world) name(id TimerID) string {
	if id.OfMember() {
		return id.Kind.String() + " " + w.c.MemberID(id)
	}
	switch id.Kind {
	case TimerJoin, TimerSync, TimerShareInitialized:
		return id.Kind.String() + " " + w.c.groups[id.Group].id
	}
	return id.Kind.String()
}

func (w *world) Reply(to kafka.RequestID, r kafka.Response) {
	w.replies = append(w.replies, reply{w.now, to, r})
	w.tell("answer #%d %s", to, responseText(r))
}

func (w *world) Append(id AppendID) {
	w.unacked = append(w.unacked, id)
	w.tell("append")
}

func (w *world) NewUUID() string {
	if w.uuid != nil {
		return w.uuid()
	}
	w.ids++
	return strconv.Itoa(w.ids)
}

func (w *world) Log(level, text string) {
	w.lines = append(w.lines, level+" "+text)
	w.tell("%s %s", level, text)
}

func (w *world) Emit(e Event) {
	w.events = append(w.events, e)
	w.tell("event %s", eventText(e))
}

// do runs one call of the coordinator and ends its appends, unless they are held.
func (w *world) do(call func()) {
	call()
	if !w.holding {
		w.flush(kafka.ErrNone)
	}
}

// flush ends the appends that wait.
func (w *world) flush(err kafka.ErrorCode) {
	w.holding = false
	for len(w.unacked) > 0 {
		id := w.unacked[0]
		w.unacked = w.unacked[1:]
		w.c.Appended(w, w.now, id, err)
	}
}

// inOrder are the timers as they would fire.
func (w *world) inOrder() []armedTimer {
	return slices.SortedFunc(slices.Values(w.timers), func(a, b armedTimer) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
	})
}

// advance moves the clock and fires what is due on the way.
func (w *world) advance(to clock.Time, fired func(id TimerID)) {
	for {
		due := w.inOrder()
		if len(due) == 0 || due[0].at > to {
			break
		}
		t := due[0]
		w.now = max(w.now, t.at)
		w.unset(t.id)
		fired(t.id)
		w.do(func() { w.c.Fire(w, w.now, t.id) })
	}
	w.now = to
}

// failover moves the coordinator to another broker, at once.
func (w *world) failover() {
	w.unload()
	w.c.Load(w, w.now)
}

func (w *world) unload() {
	w.c.Unload(w, w.now)
	if len(w.timers) > 0 {
		panic(fmt.Sprintf("timers run on an unloaded coordinator: %v", w.timers))
	}
	w.unacked, w.holding = nil, false
}

// clone is an independent copy of the world.
func (w *world) clone() *world {
	n := *w
	n.c = w.c.Clone()
	n.timers = slices.Clone(w.timers)
	n.unacked = slices.Clone(w.unacked)
	n.replies, n.lines, n.events = nil, nil, nil
	return &n
}

// request hands a request to the coordinator.
func (w *world) request(id kafka.RequestID, r kafka.Request) {
	w.do(func() {
		switch r := r.(type) {
		case *kafka.JoinGroupRequest:
			w.c.Join(w, w.now, id, r)
		case *kafka.SyncGroupRequest:
			w.c.Sync(w, w.now, id, r)
		case *kafka.HeartbeatRequest:
			w.c.Heartbeat(w, w.now, id, r)
		case *kafka.LeaveGroupRequest:
			w.c.Leave(w, w.now, id, r)
		case *kafka.OffsetCommitRequest:
			w.c.CommitOffsets(w, w.now, id, r)
		case *kafka.TxnOffsetCommitRequest:
			w.c.CommitTransactionalOffsets(w, w.now, id, r)
		case *kafka.OffsetFetchRequest:
			w.c.FetchOffsets(w, w.now, id, r)
		case *kafka.ConsumerGroupHeartbeatRequest:
			w.c.ConsumerHeartbeat(w, w.now, id, r)
		case *kafka.ShareGroupHeartbeatRequest:
			w.c.ShareHeartbeat(w, w.now, id, r)
		default:
			panic(fmt.Sprintf("no request %T", r))
		}
	})
}

// responseText writes a response on one line.
func responseText(r kafka.Response) string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, " %s=%s", name, value)
		}
	}
	switch r := r.(type) {
	case *kafka.JoinGroupResponse:
		b.WriteString("join " + r.Err.String())
		field("member", r.MemberID)
		if r.Err != kafka.ErrNone {
			break
		}
		fmt.Fprintf(&b, " generation=%d protocol=%s leader=%s", r.Generation, r.Protocol, r.Leader)
		if r.SkipAssignment {
			b.WriteString(" skip-assignment")
		}
		for _, m := range r.Members {
			fmt.Fprintf(&b, " [%s %s]", m.MemberID, m.Metadata)
		}
	case *kafka.SyncGroupResponse:
		b.WriteString("sync " + r.Err.String())
		field("assignment", r.Assignment)
	case *kafka.HeartbeatResponse:
		b.WriteString("heartbeat " + r.Err.String())
	case *kafka.LeaveGroupResponse:
		b.WriteString("leave " + r.Err.String())
		for _, m := range r.Members {
			fmt.Fprintf(&b, " [%s %s]", strings.TrimSpace(m.MemberID+" "+m.InstanceID), m.Err)
		}
	case *kafka.TxnOffsetCommitResponse:
		b.WriteString("txn-commit")
		for _, e := range r.Errs {
			b.WriteString(" " + e.String())
		}
	case *kafka.OffsetCommitResponse:
		b.WriteString("commit")
		for _, e := range r.Errs {
			b.WriteString(" " + e.String())
		}
	case *kafka.ConsumerGroupHeartbeatResponse:
		b.WriteString("consumer " + r.Err.String())
		if r.Err != kafka.ErrNone {
			field("message", strconv.Quote(r.Message))
			break
		}
		fmt.Fprintf(&b, " member=%s epoch=%d", r.MemberID, r.MemberEpoch)
		if r.Assigned {
			fmt.Fprintf(&b, " assignment=%s", listText(r.Assignment))
		}
	case *kafka.ShareGroupHeartbeatResponse:
		b.WriteString("share " + r.Err.String())
		if r.Err != kafka.ErrNone {
			field("message", strconv.Quote(r.Message))
			break
		}
		fmt.Fprintf(&b, " member=%s epoch=%d", r.MemberID, r.MemberEpoch)
		if r.Assigned {
			fmt.Fprintf(&b, " assignment=%s", listText(r.Assignment))
		}
	case *kafka.OffsetFetchResponse:
		b.WriteString("fetch " + r.Err.String())
		for _, o := range r.Offsets {
			fmt.Fprintf(&b, " %d", o)
		}
	}
	return b.String()
}

// listText writes partitions in brackets.
func listText(list []kafka.TopicPartition) string {
	names := make([]string, len(list))
	for i, tp := range list {
		names[i] = tp.String()
	}
	return "[" + strings.Join(names, " ") + "]"
}

// eventText writes an event on one line.
func eventText(e Event) string {
	switch e.Kind {
	case Rebalancing:
		text := fmt.Sprintf("rebalancing generation=%d reason=%s", e.Generation, e.Reason)
		if e.MemberID != "" {
			text += " member=" + e.MemberID
		}
		return text
	case Stabilized:
		return fmt.Sprintf("stabilized generation=%d members=%d", e.Generation, e.Members)
	case Emptied:
		return fmt.Sprintf("emptied generation=%d", e.Generation)
	case MemberLeft:
		return fmt.Sprintf("member left %s reason=%q", e.MemberID, e.Reason)
	case EpochBumped:
		text := fmt.Sprintf("epoch %d reason=%s", e.Epoch, e.Reason)
		if e.MemberID != "" {
			text += " member=" + e.MemberID
		}
		return text
	case MemberRemoved:
		return fmt.Sprintf("member removed %s reason=%s", e.MemberID, e.Reason)
	}
	return fmt.Sprintf("unknown event %d", e.Kind)
}
